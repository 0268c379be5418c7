#include "train/data/addition_data.h"

#include <algorithm>

#include "base/utf8.h"
#include "train/data/codec_kinds.h"
#include "train/random.h"

namespace headlight {
namespace {

constexpr char32_t kFirstMarkedLetter = 0x100;

}  // namespace

AdditionSplit split_pairs(const TrainRequest& request) {
    AdditionSplit split;
    std::vector<AdditionPair> pairs;
    for (int a = 0; a < request.modulus; ++a) {
        for (int b = 0; b < request.modulus; ++b)
            pairs.emplace_back(a, b);
    }
    Random random(~request.seed);  // another stream than that of the weights
    for (std::size_t i = pairs.size(); i > 1; --i)
        std::swap(pairs[i - 1], pairs[random.below(i)]);
    const auto wanted = static_cast<std::size_t>(request.train_fraction * static_cast<double>(pairs.size()));
    const auto cut = static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(wanted, 1, pairs.size() - 1));
    split.train.assign(pairs.begin(), pairs.begin() + cut);
    split.test.assign(pairs.begin() + cut, pairs.end());
    return split;
}

Batch addition_batch(const std::vector<AdditionPair>& pairs, int modulus) {
    Batch batch;
    batch.num_rows = static_cast<int>(pairs.size());
    batch.length = kAdditionTokens;
    for (const auto& [a, b] : pairs) {
        batch.inputs.insert(batch.inputs.end(), {a, b, equals_id(modulus)});
        batch.targets.insert(batch.targets.end(), {kMaskedTarget, kMaskedTarget, (a + b) % modulus});
    }
    return batch;
}

std::string addition_character(int number) {
    if (number < 10) return std::string(1, static_cast<char>('0' + number));
    if (number < 36) return std::string(1, static_cast<char>('A' + number - 10));
    if (number < 62) return std::string(1, static_cast<char>('a' + number - 36));
    std::string character;
    utf8::append(character, kFirstMarkedLetter + static_cast<char32_t>(number - 62));
    return character;
}

CodecFile addition_vocabulary(int modulus) {
    std::vector<std::string> vocab;
    for (int number = 0; number < modulus; ++number)
        vocab.push_back(addition_character(number));
    vocab.emplace_back("=");
    vocab.emplace_back("<unk>");
    return characters_file(vocab, "<unk>", {});
}

}  // namespace headlight
