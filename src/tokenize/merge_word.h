// The merge loop of BPE.
#pragma once

#include <vector>

#include "tokenize/bpe_model.h"
#include "tokenize/merge_table.h"

namespace headlight {

/// Merges `symbols` in place. Short words scan for the best pair, long ones keep a heap: n log n for any
/// length.
void merge_word(std::vector<WordToken>& symbols, const MergeTable& merges);

}  // namespace headlight
