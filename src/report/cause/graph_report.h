// A circuit of paths for people.
#pragma once

#include <string>

#include "run/cause/circuit_graph.h"

namespace headlight {

std::string graph_text(const CircuitGraph& graph);
/// Two circuits beside each other.
std::string compared_graphs_text(const CircuitGraph& a, const CircuitGraph& b);

}  // namespace headlight
