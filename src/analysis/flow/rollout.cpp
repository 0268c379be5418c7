#include "analysis/flow/rollout.h"

#include <algorithm>

#include "analysis/flow/flow_links.h"
#include "analysis/flow/flow_rows.h"

namespace headlight {
namespace {

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
                              FlowRows& mean, HeaviestLinks& links) {
    std::vector<double> below(share.size(), 0.0);
    for (int begin = 0; begin < trace.num_queries(); begin += kFlowBlock) {
        const int end = std::min(begin + kFlowBlock, trace.num_queries());
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

/// Even attention of one layer, with value norms of its heads where there are any: sums over ranges of keys
/// are differences of running sums, so a layer costs O(H T).
class EvenLayer {
  public:
    EvenLayer(const AttentionTrace& trace, int layer, const Matrix* value_norms)
        : trace_(trace), layer_(layer), num_heads_(value_norms == nullptr ? 1 : trace.num_heads()) {
        const auto num_keys = static_cast<std::size_t>(trace.num_keys());
        for (int head = 0; head < num_heads_; ++head) {
            std::vector<double> sums = {0.0};
            for (std::size_t key = 0; key < num_keys; ++key) {
                const double norm = value_norms == nullptr
                                        ? 1.0
                                        : value_norms->at(layer * num_heads_ + head, static_cast<int>(key));
                sums.push_back(sums.back() + norm);
            }
            sums_.push_back(std::move(sums));
        }
    }

    std::vector<double> step_down(const std::vector<double>& share) const {
        std::vector<std::vector<double>> change(sums_.size(), std::vector<double>(share.size() + 1, 0.0));
        std::vector<double> below(share.size(), 0.0);
        for (int query = 0; query < trace_.num_queries(); ++query) {
            const double own = share[static_cast<std::size_t>(query)];
            const KeyRange keys = trace_.admissible(layer_, query);
            int num_valid = 0;
            for (const auto& sums : sums_)
                num_valid += sum_over(sums, keys) > 0 ? 1 : 0;
            below[static_cast<std::size_t>(query)] += num_valid > 0 ? 0.5 * own : own;
            for (std::size_t head = 0; head < sums_.size(); ++head) {
                const double sum = sum_over(sums_[head], keys);
                if (!(sum > 0)) continue;
                change[head][static_cast<std::size_t>(keys.begin)] += 0.5 * own / num_valid / sum;
                change[head][static_cast<std::size_t>(keys.end)] -= 0.5 * own / num_valid / sum;
            }
        }
        for (std::size_t head = 0; head < sums_.size(); ++head) {
            double running = 0;
            for (std::size_t key = 0; key < below.size(); ++key) {
                running += change[head][key];
                below[key] += std::max(0.0, running) * (sums_[head][key + 1] - sums_[head][key]);
            }
        }
        return below;
    }

  private:
    static double sum_over(const std::vector<double>& sums, KeyRange keys) {
        if (keys.count() <= 0) return 0;
        return sums[static_cast<std::size_t>(keys.end)] - sums[static_cast<std::size_t>(keys.begin)];
    }
    const AttentionTrace& trace_;
    int layer_;
    int num_heads_;
    std::vector<std::vector<double>> sums_;  // [head][key + 1] running sums of the norms
};

/// The same between units, whose even rows are not even.
std::vector<double> step_down_even_units(const AttentionTrace& trace, int layer,
                                         const std::vector<double>& share) {
    std::vector<double> below(share.size(), 0.0);
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    for (int query = 0; query < trace.num_queries(); ++query) {
        const double own = share[static_cast<std::size_t>(query)];
        const KeyRange keys = trace.admissible(layer, query);
        if (own == 0) continue;
        below[static_cast<std::size_t>(query)] += keys.count() > 0 ? 0.5 * own : own;
        trace.even_rows(layer, query, query + 1, row);
        for (int key = keys.begin; key < keys.end; ++key)
            below[static_cast<std::size_t>(key)] += 0.5 * own * row[static_cast<std::size_t>(key)];
    }
    return below;
}

}  // namespace

Result<Rollout> roll_out(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job) {
    const Matrix* norms = request.method == FlowMethod::ValueWeighted ? request.value_norms : nullptr;
    const auto num_layers = static_cast<std::size_t>(trace.num_layers());
    Rollout rollout;
    rollout.node.resize(num_layers + 1);
    rollout.node[num_layers].assign(static_cast<std::size_t>(trace.num_keys()), 0.0);
    rollout.node[num_layers][static_cast<std::size_t>(request.query)] = 1.0;
    rollout.uniform_share = rollout.node[num_layers];
    FlowRows mean(trace, norms);
    for (int layer = trace.num_layers() - 1; layer >= 0; --layer) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "following attention was cancelled");
        const auto above = static_cast<std::size_t>(layer) + 1;
        job.report({"following attention", 1.0 - static_cast<double>(above) / trace.num_layers(), {}});
        HeaviestLinks links(layer, request.max_links);
        rollout.node[above - 1] = step_down(trace, layer, rollout.node[above], mean, links);
        rollout.uniform_share = trace.has_units()
                                    ? step_down_even_units(trace, layer, rollout.uniform_share)
                                    : EvenLayer(trace, layer, norms).step_down(rollout.uniform_share);
        links.append_to(rollout.links, request.mass);
    }
    rollout.input_share = rollout.node[0];
    return rollout;
}

}  // namespace headlight
