// Attention rollout of one query: its row of B_L ... B_0 is found by sending one vector down the layers.
#include <algorithm>
#include <cmath>

#include "analysis/flow.h"

namespace headlight {
namespace {

constexpr int kBlock = 64;  // queries whose weights are read at a time

/// The heaviest links of one layer, kept in a heap with the lightest on top.
class HeaviestLinks {
  public:
    HeaviestLinks(int layer, int max_links)
        : layer_(layer), max_links_(static_cast<std::size_t>(std::max(0, max_links))) {}

    void add(int from, int to, double weight) {
        if (max_links_ == 0 || weight <= 0) return;
        if (links_.size() == max_links_) {
            if (weight <= links_.front().weight) return;
            std::pop_heap(links_.begin(), links_.end(), is_heavier);
            links_.pop_back();
        }
        links_.push_back({layer_, from, to, weight});
        std::push_heap(links_.begin(), links_.end(), is_heavier);
    }

    /// Appends them, heaviest first, until they carry `mass`.
    void append_to(std::vector<FlowLink>& out, double mass) {
        std::sort(links_.begin(), links_.end(), is_heavier);
        double carried = 0;
        for (const FlowLink& link : links_) {
            if (carried >= mass) break;
            carried += link.weight;
            out.push_back(link);
        }
    }

  private:
    static bool is_heavier(const FlowLink& a, const FlowLink& b) {
        if (a.weight != b.weight) return a.weight > b.weight;
        return a.from != b.from ? a.from < b.from : a.to < b.to;
    }
    int layer_;
    std::size_t max_links_;
    std::vector<FlowLink> links_;
};

/// Mean over heads of queries [begin, end), rows scaled to sum 1; rows without any weight stay 0. [kBlock,
/// num_keys]
class MeanRows {
  public:
    MeanRows(const AttentionTrace& trace)
        : trace_(trace),
          num_keys_(static_cast<std::size_t>(trace.num_keys())),
          rows_(kBlock * num_keys_),
          means_(kBlock * num_keys_) {}

    void read(int layer, int begin, int end) {
        const std::size_t size = static_cast<std::size_t>(end - begin) * num_keys_;
        std::fill_n(means_.begin(), size, 0.0);
        for (int head = 0; head < trace_.num_heads(); ++head) {
            trace_.rows(layer, head, begin, end, std::span(rows_).first(size));
            for (std::size_t i = 0; i < size; ++i)
                means_[i] += rows_[i];
        }
        for (int r = 0; r < end - begin; ++r)
            normalize(row(r));
    }
    std::span<double> row(int r) {
        return {means_.data() + static_cast<std::size_t>(r) * num_keys_, num_keys_};
    }

  private:
    static void normalize(std::span<double> row) {
        double sum = 0;
        for (const double weight : row)
            sum += weight;
        const double scale = std::isfinite(sum) && sum > 0 ? 1 / sum : 0;
        for (double& weight : row)
            weight = scale > 0 ? weight * scale : 0.0;
    }
    const AttentionTrace& trace_;
    std::size_t num_keys_;
    std::vector<float> rows_;
    std::vector<double> means_;
};

/// Sends the share `own` of one query down: half along its mean row, half straight; all straight if the row
/// is empty.
void spread(int query, KeyRange keys, double own, std::span<const double> row, std::vector<double>& below,
            HeaviestLinks& links) {
    double straight = own;
    for (int key = keys.begin; key < keys.end; ++key) {
        const double weight = 0.5 * own * row[static_cast<std::size_t>(key)];
        straight -= weight;
        if (key == query) continue;
        below[static_cast<std::size_t>(key)] += weight;
        links.add(query, key, weight);
    }
    const bool holds_self = query >= keys.begin && query < keys.end;
    if (holds_self) straight += 0.5 * own * row[static_cast<std::size_t>(query)];
    below[static_cast<std::size_t>(query)] += straight;
    links.add(query, query, straight);
}

/// share * B of one layer, B = (A + I) / 2.
std::vector<double> step_down(const AttentionTrace& trace, int layer, const std::vector<double>& share,
                              MeanRows& mean, HeaviestLinks& links) {
    std::vector<double> below(share.size(), 0.0);
    for (int begin = 0; begin < trace.num_queries(); begin += kBlock) {
        const int end = std::min(begin + kBlock, trace.num_queries());
        const auto first = share.begin() + begin, last = share.begin() + end;
        if (std::all_of(first, last, [](double value) { return value == 0; })) continue;
        mean.read(layer, begin, end);
        for (int query = begin; query < end; ++query) {
            const double own = share[static_cast<std::size_t>(query)];
            if (own != 0)
                spread(query, trace.admissible(layer, query), own, mean.row(query - begin), below, links);
        }
    }
    return below;
}

/// The same for even attention: each query spreads half of its share over a range, so a running sum does it.
std::vector<double> step_down_uniform(const AttentionTrace& trace, int layer,
                                      const std::vector<double>& share) {
    std::vector<double> change(share.size() + 1, 0.0), below(share.size(), 0.0);
    for (int query = 0; query < trace.num_queries(); ++query) {
        const double own = share[static_cast<std::size_t>(query)];
        const KeyRange keys = trace.admissible(layer, query);
        below[static_cast<std::size_t>(query)] += keys.count() > 0 ? 0.5 * own : own;
        if (keys.count() <= 0) continue;
        change[static_cast<std::size_t>(keys.begin)] += 0.5 * own / keys.count();
        change[static_cast<std::size_t>(keys.end)] -= 0.5 * own / keys.count();
    }
    double running = 0;
    for (std::size_t key = 0; key < below.size(); ++key) {
        running += change[key];
        below[key] += std::max(0.0, running);
    }
    return below;
}

}  // namespace

Rollout compute_rollout(const AttentionTrace& trace, int query, double mass, int max_links) {
    Rollout rollout;
    if (query < 0 || query >= trace.num_queries() || trace.num_queries() != trace.num_keys()) return rollout;
    const auto num_layers = static_cast<std::size_t>(trace.num_layers());
    rollout.node.resize(num_layers + 1);
    rollout.node[num_layers].assign(static_cast<std::size_t>(trace.num_keys()), 0.0);
    rollout.node[num_layers][static_cast<std::size_t>(query)] = 1.0;
    rollout.uniform_share = rollout.node[num_layers];
    MeanRows mean(trace);
    for (int layer = trace.num_layers() - 1; layer >= 0; --layer) {
        const auto above = static_cast<std::size_t>(layer) + 1;
        HeaviestLinks links(layer, max_links);
        rollout.node[above - 1] = step_down(trace, layer, rollout.node[above], mean, links);
        rollout.uniform_share = step_down_uniform(trace, layer, rollout.uniform_share);
        links.append_to(rollout.links, mass);
    }
    rollout.input_share = rollout.node[0];
    return rollout;
}

}  // namespace headlight
