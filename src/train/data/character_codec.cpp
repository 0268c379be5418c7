// A character vocabulary: BOS, unknown, and the characters of the corpus.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/json_file.h"
#include "train/data/codec_kinds.h"

namespace headlight {
namespace {

constexpr const char* kFileName = "characters.json";
constexpr const char* kBos = "<s>";
constexpr const char* kUnknown = "<unk>";
constexpr std::int32_t kBosId = 0, kUnknownId = 1;
constexpr int kNumCharacterSpecial = 2;
constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;

class CharacterCodec final : public TextCodec {
  public:
    explicit CharacterCodec(std::vector<std::string> vocab) : vocab_(std::move(vocab)) {
        for (std::size_t id = kNumCharacterSpecial; id < vocab_.size(); ++id)
            ids_[utf8::decode(vocab_[id], 0).code_point] = static_cast<std::int32_t>(id);
    }

    int vocab_size() const override { return static_cast<int>(vocab_.size()); }
    std::int32_t bos_id() const override { return kBosId; }
    std::int32_t eos_id() const override { return -1; }
    bool is_text_piece(std::int32_t id) const override { return id >= kNumCharacterSpecial; }
    bool takes_sentences() const override { return false; }

    Result<std::vector<std::int32_t>> encode(std::string_view text) const override {
        std::vector<std::int32_t> ids;
        ids.reserve(text.size());
        for (std::size_t byte = 0; byte < text.size();) {
            const utf8::Decoded decoded = utf8::decode(text, byte);
            const auto found = ids_.find(decoded.code_point);
            ids.push_back(found != ids_.end() ? found->second : kUnknownId);
            byte += decoded.size_bytes;
        }
        return ids;
    }

    std::vector<CodecFile> files(int) const override { return {characters_file(vocab_, kUnknown, kBos)}; }

  private:
    std::vector<std::string> vocab_;  // [id]
    std::unordered_map<char32_t, std::int32_t> ids_;
};

}  // namespace

CodecFile characters_file(const std::vector<std::string>& vocab, const std::string& unknown,
                          const std::string& bos) {
    nlohmann::ordered_json file = {{"type", "characters"}, {"vocab", vocab}, {"unk", unknown}};
    if (!bos.empty()) file["bos"] = bos;
    return {kFileName, file.dump() + "\n"};
}

Result<std::unique_ptr<TextCodec>> train_characters(const TrainRequest& request,
                                                    std::span<const CorpusText> texts) {
    std::map<char32_t, std::size_t> counts;
    for (const CorpusText& text : texts) {
        for (std::size_t byte = 0; byte < text.train.size();) {
            const utf8::Decoded decoded = utf8::decode(text.train, byte);
            ++counts[decoded.code_point];
            byte += decoded.size_bytes;
        }
    }
    if (request.vocab_size <= kNumCharacterSpecial) {
        return fail(ErrorKind::InvalidInput,
                    "a vocabulary of {} entries has no room for a character: 2 are special",
                    request.vocab_size);
    }
    std::vector<std::pair<char32_t, std::size_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    const auto room = static_cast<std::size_t>(request.vocab_size - kNumCharacterSpecial);
    if (order.size() > room) order.resize(room);
    std::vector<std::string> vocab = {kBos, kUnknown};
    for (const auto& [character, count] : order)
        utf8::append(vocab.emplace_back(), character);
    return std::make_unique<CharacterCodec>(std::move(vocab));
}

Result<std::unique_ptr<TextCodec>> open_characters(const std::string& folder) {
    const std::string path = folder + "/" + kFileName;
    HEADLIGHT_TRY(const nlohmann::json file, read_json_file(path, kMostFileBytes));
    const auto refused = [&](const char* why) {
        return fail(
            make_error(ErrorKind::Corrupt, "this is no vocabulary that training can go on with: {}", why)
                .in_file(path));
    };
    if (!file.is_object() || !file.contains("vocab") || !file["vocab"].is_array())
        return refused("'vocab' is no list");
    std::vector<std::string> vocab;
    for (const auto& entry : file["vocab"]) {
        const std::string piece = entry.is_string() ? entry.get<std::string>() : std::string();
        const bool is_special = vocab.size() < kNumCharacterSpecial;
        if (!is_special && utf8::count_code_points(piece) != 1)
            return refused("an entry is no single character");
        vocab.push_back(piece);
    }
    if (vocab.size() <= kNumCharacterSpecial || vocab[kBosId] != kBos || vocab[kUnknownId] != kUnknown)
        return refused("it does not begin with <s> and <unk>");
    return std::make_unique<CharacterCodec>(std::move(vocab));
}

}  // namespace headlight
