// The circuit that path patching finds between the shown text and the corrupted one (tasks/patching.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "run/cause/circuit_graph.h"
#include "session/task.h"

namespace headlight {

class Session;

/// A saved circuit to compare with.
struct OpenedCircuit {
    std::string path;
    CircuitGraph graph;
};

struct PathsState {
    Task<CircuitGraph> task;  // of the text and question below
    std::uint64_t text_id = 0;
    std::optional<Question> question;
    std::string error;                             // why it could not begin; empty if it did
    std::shared_ptr<const OpenedCircuit> against;  // null: none was opened
};

/// Follows the paths back from the answer. Snapshot::part<PathsState>() says why when it cannot.
void find_paths(Session& session, const CircuitGraphOptions& options);

}  // namespace headlight
