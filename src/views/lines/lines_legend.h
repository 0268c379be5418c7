// Over the lines: a chip for each head in its colour, and the share of a row that lines cover.
#pragma once

#include "views/layout.h"
#include "views/lines/lines_data.h"
#include "views/view.h"

namespace headlight {

/// In one row at the top of `body`; returns its height.
float draw_lines_legend(ViewContext& context, const LayoutRect& body, const LinesData& data);

}  // namespace headlight
