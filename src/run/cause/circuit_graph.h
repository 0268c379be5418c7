// A circuit as path patching finds it: from the answer back through the heads whose direct paths carry it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/cause/patch_prompts.h"

namespace headlight {

/// A direct path. Positive: with the sender's corrupted output along it the answer loses.
struct CircuitEdge {
    HeadId from;
    std::optional<HeadId> to;  // nullopt: the logits
    PathInput input = PathInput::Query;
    double effect = 0;  // share of the gap between the prompts that is destroyed
    double chance = 0;  // 95 % of all senders of this receiver and input have a smaller effect, either way
    bool is_same_path(const CircuitEdge& other) const {
        return from == other.from && to == other.to && (!to || input == other.input);
    }
};

struct CircuitGraph {
    std::string model, family;
    std::string question;                        // "after ·to (13): ·Mary and not ·John"
    std::vector<std::int32_t> clean, corrupted;  // ids
    bool freezes_mlps = false;
    double threshold = 0;
    std::vector<CircuitEdge> edges;  // those into the logits first, then receiver by receiver, largest first
    bool was_stopped = false;

    /// Heads that an edge leaves or enters, ascending.
    std::vector<HeadId> heads() const;
};

struct CircuitGraphOptions {
    double threshold = 0.05;  // least |effect| of an edge
    int depth = 2;            // how many edges back from the answer
    int most_edges = 8;       // into one input of one receiver
    bool freezes_mlps = false;
};

/// Called when the edges into a receiver are known.
using OnReceiver = std::function<void(const CircuitGraph& so_far, int done, int known)>;

/// A stop keeps what was found and says so. Errors: as patch_paths(); InvalidInput where the two prompts give
/// the answer nearly the same logits.
Result<CircuitGraph> find_circuit(const LiveModel& model, const Prompt& prompt,
                                  const CircuitGraphOptions& options, const JobContext& job,
                                  const OnReceiver& on_receiver = {});

/// The same on passes that are there already. The graph's texts and question are the caller's to fill in.
Status find_circuit_edges(PatchingRun& run, HeadGrid grid, const CircuitGraphOptions& options,
                          const JobContext& job, const OnReceiver& on_receiver, CircuitGraph& graph);

/// One path in two graphs; absent where it is below that graph's threshold.
struct EdgePair {
    CircuitEdge edge;  // of A, or of B where A has none
    std::optional<double> a, b;
};
/// All paths of both, largest difference first; an absent effect counts as 0.
std::vector<EdgePair> compare_circuits(const CircuitGraph& a, const CircuitGraph& b);

}  // namespace headlight
