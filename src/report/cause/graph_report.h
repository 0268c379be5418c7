// A circuit of paths for people and for programs, which can read it again.
#pragma once

#include "report/json_out.h"
#include "run/cause/circuit_graph.h"

namespace headlight {

std::string graph_text(const CircuitGraph& graph);
/// {"format": "headlight circuit", "model", "family", "question", "clean", "corrupted", "mlp", "threshold",
/// "stopped", "edges": [{"from", "to", "input", "effect", "chance"}]}; "to" null: the logits.
Json graph_json(const CircuitGraph& graph);
/// Reads what graph_json() wrote. Errors: Missing, Corrupt with the key that is wrong.
Result<CircuitGraph> read_graph(const std::string& path);
/// Two circuits beside each other.
std::string compared_graphs_text(const CircuitGraph& a, const CircuitGraph& b);

}  // namespace headlight
