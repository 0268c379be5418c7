// The rank of the answer over the states, on a log axis, beside the lens.
#pragma once

#include <vector>

#include "core/cause/lens.h"
#include "views/cause/lens_map.h"
#include "views/layout.h"
#include "views/view.h"

namespace headlight {

/// Of one token's column; the rival's curve grey. Numbers stand beside rows with words.
void draw_lens_ranks(ViewContext& context, const Lens& lens, int token, const std::vector<LensRow>& rows,
                     const LayoutRect& area);

}  // namespace headlight
