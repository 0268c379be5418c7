// The head grid's menus of tint and order, and the words of the chosen edge.
#pragma once

#include <string>

#include "views/view.h"

namespace headlight {

/// Names of metrics and captions do not fit into a narrow card together.
bool is_grid_crowded(const ViewContext& context);
void draw_grid_menus(ViewContext& context);
/// "13 → ·John 9", with more queries "13 + 2 more → ·John 9".
std::string edge_label(const ViewContext& context);

}  // namespace headlight
