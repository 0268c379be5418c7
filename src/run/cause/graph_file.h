// A circuit of paths as a file: written, and read again to compare with.
#pragma once

#include <nlohmann/json.hpp>

#include "run/cause/circuit_graph.h"

namespace headlight {

/// {"format": "headlight circuit", "model", "family", "question", "clean", "corrupted", "mlp", "threshold",
/// "stopped", "edges": [{"from", "to", "input", "effect", "chance"}]}; "to" null: the logits.
nlohmann::ordered_json graph_json(const CircuitGraph& graph);
Status write_graph(const std::string& path, const CircuitGraph& graph);
/// Reads what graph_json() wrote. Errors: Missing, Corrupt with what is wrong.
Result<CircuitGraph> read_graph(const std::string& path);

}  // namespace headlight
