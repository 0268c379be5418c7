// The k heaviest ways from a query at the top down to the inputs, exactly, by dynamic programming over
// layers.
#include <algorithm>

#include "analysis/flow/flow.h"
#include "analysis/flow/flow_rows.h"
#include "analysis/flow/flow_trace.h"

namespace headlight {
namespace {

constexpr int kMostPaths = 256;

/// The end of a partial way: its weight, and which way of which token above it continues.
struct Step {
    double weight = 0;
    std::int32_t from = -1;  // token above
    std::int32_t rank = -1;  // among the ways that end there
};

bool is_heavier(const Step& a, const Step& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return a.from != b.from ? a.from < b.from : a.rank < b.rank;
}

/// The heaviest ways that end at one token, heaviest first once sorted.
using Ways = std::vector<Step>;

/// Keeps the `most` heaviest, the lightest on top of the heap.
void keep(Ways& ways, const Step& step, std::size_t most) {
    if (ways.size() == most) {
        if (!is_heavier(step, ways.front())) return;
        std::pop_heap(ways.begin(), ways.end(), is_heavier);
        ways.back() = step;
    } else {
        ways.push_back(step);
    }
    std::push_heap(ways.begin(), ways.end(), is_heavier);
}

/// Continues the ways that end at `query` along one link.
void continue_to(Ways& below, const Ways& above, int query, double weight, std::size_t most) {
    for (std::size_t rank = 0; rank < above.size(); ++rank) {
        const double product = weight * above[rank].weight;
        if (product <= 0 || (below.size() == most && product < below.front().weight)) break;
        keep(below, {product, query, static_cast<std::int32_t>(rank)}, most);
    }
}

/// Along every link of B below one query: half its mean row, and what is left straight down.
void continue_all(std::vector<Ways>& below, const Ways& above, int query, KeyRange keys,
                  std::span<const double> row, std::size_t most) {
    double straight = 1;
    for (int key = keys.begin; key < keys.end; ++key) {
        const double weight = 0.5 * row[static_cast<std::size_t>(key)];
        straight -= weight;
        if (key != query) continue_to(below[static_cast<std::size_t>(key)], above, query, weight, most);
    }
    const auto self = static_cast<std::size_t>(query);
    if (query >= keys.begin && query < keys.end) straight += 0.5 * row[self];
    continue_to(below[self], above, query, straight, most);
}

/// Ways below a layer from the ways above it. [num_tokens] each.
std::vector<Ways> continue_down(const AttentionTrace& trace, int layer, const std::vector<Ways>& above,
                                FlowRows& mean, std::size_t most) {
    std::vector<Ways> below(above.size());
    int read_end = 0;
    for (int query = 0; query < trace.num_queries(); ++query) {
        const Ways& ways = above[static_cast<std::size_t>(query)];
        if (ways.empty()) continue;
        if (query >= read_end) {
            const int read_begin = query - query % kFlowBlock;
            read_end = std::min(read_begin + kFlowBlock, trace.num_queries());
            mean.read(layer, read_begin, read_end);
        }
        continue_all(below, ways, query, trace.admissible(layer, query), mean.row(query % kFlowBlock), most);
    }
    for (Ways& ways : below)
        std::sort(ways.begin(), ways.end(), is_heavier);
    return below;
}

/// Walks up from a way below layer 0.
FlowPath read_path(const std::vector<std::vector<Ways>>& levels, std::size_t token, std::size_t rank) {
    FlowPath path;
    path.weight = levels[0][token][rank].weight;
    for (const auto& level : levels) {
        path.tokens.push_back(static_cast<int>(token));
        const Step& step = level[token][rank];
        if (step.from < 0) break;
        token = static_cast<std::size_t>(step.from);
        rank = static_cast<std::size_t>(step.rank);
    }
    return path;
}

}  // namespace

Result<std::vector<FlowPath>> heaviest_paths(const AttentionTrace& trace, const FlowRequest& request,
                                             int input, int num_paths, const JobContext& job) {
    HEADLIGHT_CHECK(check_flow(trace, request));
    if (input < -1 || input >= trace.num_keys())
        return fail(ErrorKind::InvalidInput, "cannot list paths to token {}: the text has tokens 0 to {}",
                    input, trace.num_keys() - 1);
    if (num_paths < 1 || num_paths > kMostPaths)
        return fail(ErrorKind::InvalidInput, "cannot list {} paths: ask for 1 to {}", num_paths, kMostPaths);

    const auto most = static_cast<std::size_t>(num_paths);
    const auto num_layers = static_cast<std::size_t>(trace.num_layers());
    const Matrix* norms = request.method == FlowMethod::ValueWeighted ? request.value_norms : nullptr;
    FlowRows mean(trace, norms);
    std::vector<std::vector<Ways>> levels(num_layers + 1);  // [layer 0..L][token]
    levels[num_layers].resize(static_cast<std::size_t>(trace.num_keys()));
    levels[num_layers][static_cast<std::size_t>(request.query)] = {{1.0, -1, -1}};
    for (std::size_t layer = num_layers; layer > 0; --layer) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "listing paths was cancelled");
        job.report({"listing paths", 1.0 - static_cast<double>(layer) / static_cast<double>(num_layers), {}});
        levels[layer - 1] = continue_down(trace, static_cast<int>(layer) - 1, levels[layer], mean, most);
    }

    Ways best;  // `from` is the input token, `rank` the way that ends there
    for (std::size_t token = 0; token < levels[0].size(); ++token) {
        if (input >= 0 && token != static_cast<std::size_t>(input)) continue;
        for (std::size_t rank = 0; rank < levels[0][token].size(); ++rank)
            keep(best,
                 {levels[0][token][rank].weight, static_cast<std::int32_t>(token),
                  static_cast<std::int32_t>(rank)},
                 most);
    }
    std::sort(best.begin(), best.end(), is_heavier);
    std::vector<FlowPath> paths;
    for (const Step& end : best)
        paths.push_back(
            read_path(levels, static_cast<std::size_t>(end.from), static_cast<std::size_t>(end.rank)));
    return paths;
}

}  // namespace headlight
