// Rows of attention as evidence, chosen while a sequence is measured.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/patterns/sequence_scores.h"
#include "study/scan/record.h"

namespace headlight {

/// Of one head: for each wanted detector the row with the most mass on its pairs and a row drawn among the
/// scored ones; the same by the largest weight. `seed` is of the sequence.
std::vector<ExampleRow> choose_examples(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                                        const std::vector<int>& wanted, std::uint64_t seed);

/// A row cut to what fits a line: the last tokens before the query, the first token, and those around the
/// largest weights one by one; what lies between is summed up into one cell. `weights` [num_keys].
std::vector<ExampleCell> fold_row(std::span<const float> weights, KeyRange keys, int query);

}  // namespace headlight
