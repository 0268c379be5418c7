// Modular addition as texts of three tokens: a, b, "=". The answer is read at "=".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/train_request.h"
#include "train/data/batch_sampler.h"
#include "train/data/text_codec.h"

namespace headlight {

inline constexpr int kAdditionTokens = 3;

/// Ids: 0 .. modulus - 1 are the numbers, then "=", then unknown (which no text has).
inline std::int32_t equals_id(int modulus) {
    return modulus;
}
inline int addition_vocab_size(int modulus) {
    return modulus + 2;
}

using AdditionPair = std::pair<int, int>;

struct AdditionSplit {
    std::vector<AdditionPair> train, test;
};

/// All pairs in random order, the first train_fraction of them to train on. The same seed gives the same
/// split.
AdditionSplit split_pairs(const TrainRequest& request);

/// Rows a b "=" whose only target is (a + b) mod modulus at "=".
Batch addition_batch(const std::vector<AdditionPair>& pairs, int modulus);

/// One character for each number, so that a text such as "35=" can be typed: 0-9, A-Z, a-z, then Latin
/// letters with marks from U+0100 on.
std::string addition_character(int number);

/// characters.json for these texts.
CodecFile addition_vocabulary(int modulus);

}  // namespace headlight
