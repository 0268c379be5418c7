// The circuit of paths as a picture: rows of layers, signed edges that can be pointed at.
#pragma once

#include "run/cause/circuit_graph.h"
#include "run/cause/circuit_layout.h"
#include "views/layout.h"
#include "views/view.h"

namespace headlight {

/// "L23H3 → L29H1, value".
std::string edge_label(const CircuitEdge& edge);

/// Hover says an edge or a head; a click on a head chooses it, on an edge its sender.
void draw_path_picture(ViewContext& context, const CircuitGraph& graph, const CircuitLayout& layout,
                       const LayoutRect& area);

}  // namespace headlight
