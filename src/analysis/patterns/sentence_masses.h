// The two sentences of a pair in an attention matrix: how much each row gives to its own sentence.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/metric.h"
#include "core/token.h"

namespace headlight {

/// Key sets of the live detectors and, of a pair, the keys of each query's own sentence: for
/// RunRequest::key_sets.
std::vector<KeySet> text_key_sets(const TokenizedText& text);

/// The text of which each range of tokens is a unit. Of a pair whose sentences share a unit no pair is left.
TokenizedText text_of_units(const TokenizedText& text, std::span<const TokenRange> units);

/// Masses on the own sentence, head by head, where the key sets say that there are two.
class SentenceMasses {
  public:
    /// Both must outlive it.
    SentenceMasses(const AttentionTrace& trace, std::span<const KeySet> key_sets);

    bool is_pair() const { return set_ != nullptr; }
    /// Sums the rows of one head into `own` [num_queries]. The spans point into `own` and into this.
    SentencePattern of(HeadId head, std::vector<float>& own) const;

  private:
    const AttentionTrace& trace_;
    const KeySet* set_ = nullptr;
    std::vector<std::vector<float>> even_;  // [layer]; empty where another layer before has the same mask
};

}  // namespace headlight
