// Sequences that a scan makes itself: random repeats, needles in a haystack, tokens for copying.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/patterns/sequence_scores.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"
#include "study/scan/record.h"
#include "study/scan/selection.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// Sequences of each probe: all that a test with 20 values can use, and a dozen to look at before.
inline constexpr int kNumRepeatDiscovery = 12, kNumRepeats = 20, kNumNeedles = 20, kNumCopyBatches = 20;
inline constexpr int kTokensPerCopyBatch = 16;

/// A prompt whose end asks for what stands in its middle.
struct Needle {
    std::vector<std::int32_t> prompt;
    int begin = 0, end = 0;  // of the words to be found, in the prompt
};

/// Tokens of given ids, BOS marked as special.
std::vector<Token> tokens_of_ids(const Tokenizer& tokenizer, const std::vector<std::int32_t>& ids);

/// "... cue w1 .. w8 ... cue": eight ordinary tokens drawn at random after a cue, somewhere in text of the
/// corpus, and the cue again at the end. The whole with its answer has at most `length` tokens. Empty when
/// that is too short, or the tokenizer has no tokens for the cue.
std::vector<Needle> make_needles(const std::vector<ScanWindow>& texts, const Tokenizer& tokenizer,
                                 const std::vector<bool>& excluded, int length, std::uint64_t seed);

/// Batches of distinct ordinary ids.
std::vector<std::vector<std::int32_t>> make_copy_batches(const std::vector<bool>& excluded,
                                                         std::int32_t bos_id, std::uint64_t seed);

/// Lets the model write on greedily and scores every head (Wu et al. 2024). [head]; the null is what a head
/// whose largest key is drawn evenly would reach. Errors: the runner's.
Result<std::vector<SequenceScore>> measure_needle(ModelRunner& runner, const Needle& needle,
                                                  const JobContext& job);

struct CopyMeasure {
    std::vector<SequenceScore> scores;  // [head]
    std::vector<float> negative;        // [head], top-5 rate with -W_O
};
/// Errors: Unsupported (a family that cannot), the runner's.
Result<CopyMeasure> measure_copying(ModelRunner& runner, const std::vector<std::int32_t>& ids,
                                    const JobContext& job);

}  // namespace headlight
