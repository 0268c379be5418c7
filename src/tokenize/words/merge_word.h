// The merge loop of BPE.
#pragma once

#include <vector>

#include "tokenize/words/bpe_model.h"
#include "tokenize/words/merge_table.h"

namespace headlight {

/// Merges `symbols` in place. Short words scan for the best pair, long ones keep a heap: n log n for any
/// length. `adds_up`: a merged piece's text is that of its parts side by side (not so with a prefix on
/// continuing pieces), so that a pair whose symbols changed can never become the same piece.
void merge_word(std::vector<WordToken>& symbols, const MergeTable& merges, bool adds_up);

}  // namespace headlight
