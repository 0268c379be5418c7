#include "run/cause/circuit_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace headlight {
namespace {

constexpr double kChanceShare = 0.95;

/// Effects of all senders on one receiver's input, [L * H]; nullopt where there is no path.
struct SenderEffects {
    std::vector<std::optional<double>> effects;
    double chance = 0;
};

Result<SenderEffects> measure_senders(PatchingRun& run, HeadGrid grid, const PathRequest& path,
                                      const JobContext& job) {
    std::vector<HeadId> senders;
    const int end = path.receiver ? path.receiver->layer : grid.num_layers;
    for (std::size_t i = 0; i < grid.size() && grid.at(i).layer < end; ++i)
        senders.push_back(grid.at(i));
    SenderEffects out;
    out.effects.resize(senders.size());
    HEADLIGHT_CHECK(run.patch_path(path, senders, job, [&](std::size_t i, const AnswerMetrics& metrics) {
        const auto effect = patch_effect(metrics, run.clean(), run.corrupted(), AnswerMetric::Difference);
        if (effect) out.effects[i] = 1 - *effect;
    }));
    std::vector<double> sizes;
    for (const auto& effect : out.effects)
        if (effect) sizes.push_back(std::abs(*effect));
    std::sort(sizes.begin(), sizes.end());
    if (!sizes.empty())
        out.chance = sizes[std::min(
            sizes.size() - 1, static_cast<std::size_t>(kChanceShare * static_cast<double>(sizes.size())))];
    return out;
}

/// Edges over the threshold, largest first.
std::vector<CircuitEdge> edges_of(const SenderEffects& senders, HeadGrid grid, const PathRequest& path,
                                  const CircuitGraphOptions& options) {
    std::vector<CircuitEdge> out;
    for (std::size_t i = 0; i < senders.effects.size(); ++i)
        if (senders.effects[i] && std::abs(*senders.effects[i]) >= options.threshold)
            out.push_back({grid.at(i), path.receiver, path.input, *senders.effects[i], senders.chance});
    std::stable_sort(out.begin(), out.end(), [](const CircuitEdge& a, const CircuitEdge& b) {
        return std::abs(a.effect) > std::abs(b.effect);
    });
    if (out.size() > static_cast<std::size_t>(options.most_edges))
        out.resize(static_cast<std::size_t>(options.most_edges));
    return out;
}

/// The inputs of a receiver that are looked at: the logits have one.
std::vector<PathRequest> paths_into(std::optional<HeadId> receiver, bool freezes_mlps) {
    if (!receiver) return {{receiver, PathInput::Query, freezes_mlps}};
    std::vector<PathRequest> out;
    for (const PathInput input : {PathInput::Query, PathInput::Key, PathInput::Value})
        out.push_back({receiver, input, freezes_mlps});
    return out;
}

}  // namespace

std::vector<HeadId> CircuitGraph::heads() const {
    std::set<HeadId> out;
    for (const CircuitEdge& edge : edges) {
        out.insert(edge.from);
        if (edge.to) out.insert(*edge.to);
    }
    return {out.begin(), out.end()};
}

Status find_circuit_edges(PatchingRun& run, HeadGrid grid, const CircuitGraphOptions& options,
                          const JobContext& job, const OnReceiver& on_receiver, CircuitGraph& graph) {
    graph.freezes_mlps = options.freezes_mlps;
    graph.threshold = options.threshold;
    if (!patch_effect(run.clean(), run.clean(), run.corrupted(), AnswerMetric::Difference))
        return fail(ErrorKind::InvalidInput,
                    "both texts give the answer nearly the same logits ({:+.4f} and {:+.4f}), so there is no "
                    "effect to follow back; choose a corruption that changes the answer",
                    run.clean().difference, run.corrupted().difference);
    std::vector<std::optional<HeadId>> frontier{std::nullopt};
    std::set<HeadId> known;
    int done = 0;
    for (int depth = 0; depth < options.depth && !frontier.empty(); ++depth) {
        std::vector<std::optional<HeadId>> next;
        for (const auto& receiver : frontier) {
            for (const PathRequest& path : paths_into(receiver, options.freezes_mlps)) {
                const auto senders = measure_senders(run, grid, path, job);
                if (!senders && senders.error().kind == ErrorKind::Cancelled) {
                    graph.was_stopped = true;
                    return {};
                }
                if (!senders) return fail(senders.error());
                for (const CircuitEdge& edge : edges_of(*senders, grid, path, options)) {
                    graph.edges.push_back(edge);
                    if (known.insert(edge.from).second) next.push_back(edge.from);
                }
            }
            if (on_receiver) on_receiver(graph, ++done, static_cast<int>(known.size()) + 1);
        }
        // Later layers first: what they read is nearer to the answer.
        std::sort(next.begin(), next.end(), [](const auto& a, const auto& b) { return *a > *b; });
        frontier = std::move(next);
    }
    return {};
}

Result<CircuitGraph> find_circuit(const LiveModel& model, const Prompt& prompt,
                                  const CircuitGraphOptions& options, const JobContext& job,
                                  const OnReceiver& on_receiver) {
    CircuitGraph graph;
    graph.model = model.spec().name;
    graph.family = model.spec().family;
    graph.question = describe(prompt.question, *model.info, prompt.tokens);
    graph.clean = prompt.tokens.ids();
    graph.corrupted = prompt.corrupted.ids();
    HEADLIGHT_TRY(const auto run, patch_prompt(model, prompt, JobContext(job.stop_token())));
    HEADLIGHT_CHECK(
        find_circuit_edges(*run, explained_heads(model.spec()), options, job, on_receiver, graph));
    return graph;
}

std::vector<EdgePair> compare_circuits(const CircuitGraph& a, const CircuitGraph& b) {
    std::vector<EdgePair> out;
    for (const CircuitEdge& edge : a.edges)
        out.push_back({edge, edge.effect, std::nullopt});
    for (const CircuitEdge& edge : b.edges) {
        const auto same = std::find_if(out.begin(), out.end(),
                                       [&](const EdgePair& pair) { return pair.edge.is_same_path(edge); });
        if (same == out.end())
            out.push_back({edge, std::nullopt, edge.effect});
        else
            same->b = edge.effect;
    }
    const auto change = [](const EdgePair& pair) {
        return std::abs(pair.a.value_or(0) - pair.b.value_or(0));
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const EdgePair& x, const EdgePair& y) { return change(x) > change(y); });
    return out;
}

}  // namespace headlight
