// Where the nodes of a circuit stand: the same in the window and in figures.
#pragma once

#include <optional>
#include <vector>

#include "run/cause/circuit_graph.h"

namespace headlight {

struct PlacedNode {
    std::optional<HeadId> head;  // nullopt: the logits
    double x = 0.5;              // 0 left .. 1 right
    int row = 0;                 // 0 at the bottom: the earliest layer that has a node
};

struct CircuitLayout {
    std::vector<PlacedNode> nodes;  // the logits last, in the top row
    int num_rows = 0;

    std::size_t index_of(const std::optional<HeadId>& head) const;
};

/// A row for each layer that has a node; in a row, heads stand in the order of what they are read by, so that
/// edges cross little (barycentre, from the top).
CircuitLayout lay_out_circuit(const CircuitGraph& graph);

}  // namespace headlight
