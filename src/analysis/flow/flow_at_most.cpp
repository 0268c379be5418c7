// Attention flow (Abnar and Zuidema 2020): how much can get from an input token to the query when each layer
// lets at most B through. Weights add up over paths, and a path carries no more than its narrowest link.
#include <cmath>
#include <functional>

#include "analysis/flow/flow_links.h"
#include "analysis/flow/flow_rows.h"
#include "analysis/flow/flow_trace.h"
#include "analysis/flow/max_flow.h"
#include "analysis/flow/rollout.h"

namespace headlight {
namespace {

constexpr double kLeastCapacity = 1e-3;
// Capacities as multiples of 2^-32: 2^-33 of rounding each, and sums of all of them stay far below 2^63.
constexpr double kScale = 4294967296.0;

/// Row `query` of B of a layer into out [num_tokens].
using RowOfB = std::function<void(int layer, int query, std::span<double> out)>;

struct Edge {
    int layer, from, to;
};

struct LayeredGraph {
    LayeredGraph(int layers, int tokens)
        : num_layers(layers),
          num_tokens(tokens),
          graph(static_cast<std::size_t>(layers + 1) * static_cast<std::size_t>(tokens)) {}

    std::size_t node(int layer, int token) const {
        return static_cast<std::size_t>(layer) * static_cast<std::size_t>(num_tokens) +
               static_cast<std::size_t>(token);
    }

    int num_layers, num_tokens;
    FlowGraph graph;  // node l is below layer l, node num_layers above the last
    std::vector<Edge> edges;
};

/// Edges from every node that the query reaches, down to the keys of its row.
void build(LayeredGraph& flow, int query, const RowOfB& row_of) {
    const auto num_tokens = static_cast<std::size_t>(flow.num_tokens);
    std::vector<bool> is_reached(num_tokens, false);
    is_reached[static_cast<std::size_t>(query)] = true;
    std::vector<double> row(num_tokens);
    for (int layer = flow.num_layers - 1; layer >= 0; --layer) {
        std::vector<bool> next(num_tokens, false);
        for (int from = 0; from < flow.num_tokens; ++from) {
            if (!is_reached[static_cast<std::size_t>(from)]) continue;
            row_of(layer, from, row);
            for (int to = 0; to < flow.num_tokens; ++to) {
                const double capacity = row[static_cast<std::size_t>(to)];
                if (capacity < kLeastCapacity) continue;
                flow.graph.add_edge(flow.node(layer + 1, from), flow.node(layer, to),
                                    std::llround(capacity * kScale));
                flow.edges.push_back({layer, from, to});
                next[static_cast<std::size_t>(to)] = true;
            }
        }
        is_reached = std::move(next);
    }
}

/// Largest flow to each input [num_tokens]; the flows of all of them over each edge are added to `per_edge`.
Result<std::vector<double>> solve_all(LayeredGraph& flow, int query, std::vector<double>& per_edge,
                                      double done_before, const JobContext& job) {
    per_edge.assign(flow.edges.size(), 0.0);
    std::vector<double> values;
    for (int input = 0; input < flow.num_tokens; ++input) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "following attention was cancelled");
        job.report({"maximum flow", done_before + 0.5 * input / flow.num_tokens, {}});
        const std::int64_t value = flow.graph.solve(flow.node(flow.num_layers, query), flow.node(0, input));
        values.push_back(static_cast<double>(value) / kScale);
        if (value > 0) flow.graph.add_flows(per_edge);
    }
    return values;
}

double sum_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum;
}

/// `values` scaled to sum 1, zeros appended up to `size`.
std::vector<double> shares_of(const std::vector<double>& values, std::size_t size) {
    const double sum = sum_of(values);
    std::vector<double> shares(size, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i)
        shares[i] = sum > 0 ? values[i] / sum : 0.0;
    return shares;
}

/// Nodes and links of the summed flows.
void fill_ways(Rollout& rollout, const LayeredGraph& flow, const std::vector<double>& per_edge,
               const FlowRequest& request, std::size_t num_keys) {
    const double total = sum_of(rollout.raw_share) * kScale;
    const auto num_layers = static_cast<std::size_t>(flow.num_layers);
    rollout.node.assign(num_layers + 1, std::vector<double>(num_keys, 0.0));
    rollout.node[num_layers][static_cast<std::size_t>(request.query)] = 1.0;
    std::vector<HeaviestLinks> links;
    for (int layer = 0; layer < flow.num_layers; ++layer)
        links.emplace_back(layer, request.max_links);
    for (std::size_t i = 0; i < flow.edges.size(); ++i) {
        const Edge& edge = flow.edges[i];
        const double share = total > 0 ? per_edge[i] / total : 0.0;
        rollout.node[static_cast<std::size_t>(edge.layer)][static_cast<std::size_t>(edge.to)] += share;
        links[static_cast<std::size_t>(edge.layer)].add(edge.from, edge.to, share);
    }
    for (auto layer = links.rbegin(); layer != links.rend(); ++layer)
        layer->append_to(rollout.links, request.mass);
}

/// B of the trace: half of the mean row, half straight; all straight where the row is empty.
class MeasuredRows {
  public:
    explicit MeasuredRows(const AttentionTrace& trace) : rows_(trace, nullptr) {}

    void operator()(int layer, int query, std::span<double> out) {
        rows_.read(layer, query, query + 1);
        double straight = 1;
        for (std::size_t key = 0; key < out.size(); ++key) {
            out[key] = 0.5 * rows_.row(0)[key];
            straight -= out[key];
        }
        out[static_cast<std::size_t>(query)] += straight;
    }

  private:
    FlowRows rows_;
};

void read_even_row(const AttentionTrace& trace, int layer, int query, std::span<double> out) {
    const KeyRange keys = trace.admissible(layer, query);
    std::fill(out.begin(), out.end(), 0.0);
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    trace.even_rows(layer, query, query + 1, row);
    for (int key = keys.begin; key < keys.end; ++key)
        out[static_cast<std::size_t>(key)] = 0.5 * static_cast<double>(row[static_cast<std::size_t>(key)]);
    out[static_cast<std::size_t>(query)] += keys.count() > 0 ? 0.5 : 1.0;
}

}  // namespace

Result<Rollout> flow_at_most(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job) {
    const int num_tokens = count_row_tokens(trace, request.query);
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    Rollout rollout;
    std::vector<double> per_edge;

    LayeredGraph measured(trace.num_layers(), num_tokens);
    MeasuredRows rows(trace);
    build(measured, request.query, std::ref(rows));
    HEADLIGHT_TRY(rollout.raw_share, solve_all(measured, request.query, per_edge, 0.0, job));
    fill_ways(rollout, measured, per_edge, request, num_keys);
    rollout.input_share = shares_of(rollout.raw_share, num_keys);
    rollout.raw_share.resize(num_keys, 0.0);

    LayeredGraph even(trace.num_layers(), num_tokens);
    build(even, request.query,
          [&](int layer, int query, std::span<double> out) { read_even_row(trace, layer, query, out); });
    HEADLIGHT_TRY(const std::vector<double> null, solve_all(even, request.query, per_edge, 0.5, job));
    rollout.uniform_share = shares_of(null, num_keys);
    return rollout;
}

}  // namespace headlight
