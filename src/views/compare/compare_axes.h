// Token labels on both axes of a compared matrix.
#pragma once

#include <vector>

#include "views/compare/compare_card.h"

namespace headlight {

/// Labels at the left of `cells`, thinned so that none overlap; `chosen` in the accent, tokens without a
/// partner in full ink. `partners` [tokens] in the other text.
void draw_compared_rows(const TokenizedText& tokens, const std::vector<int>& partners, int chosen,
                        const LayoutRect& cells);
/// The same above it, turned by 55 degrees.
void draw_compared_columns(const TokenizedText& tokens, const std::vector<int>& partners, int chosen,
                           const LayoutRect& cells);

}  // namespace headlight
