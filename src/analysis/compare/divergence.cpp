#include "analysis/compare/divergence.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/parallel.h"

namespace headlight {
namespace {

double plogp(double value) {
    return value > 0 ? value * std::log(value) : 0.0;
}

/// What one bin adds to the divergence.
double bin_divergence(double p, double q) {
    return 0.5 * (plogp(p) + plogp(q)) - plogp(0.5 * (p + q));
}

/// Mass of a row outside the keys that were counted.
double rest_of(double common) {
    return std::clamp(1.0 - common, 0.0, 1.0);
}

bool contains(KeyRange keys, int key) {
    return key >= keys.begin && key < keys.end;
}

/// Rows of one head, read a few at a time: cheap where they are asked for in order.
class HeadRowReader {
  public:
    HeadRowReader(const AttentionTrace& trace, HeadId head) : trace_(trace), head_(head) {}

    /// [num_keys], valid until the next call.
    std::span<const float> row(int query) {
        const auto num_keys = static_cast<std::size_t>(trace_.num_keys());
        if (query < begin_ || query >= end_) {
            begin_ = query;
            end_ = std::min(query + kRowsAtATime, trace_.num_queries());
            rows_.resize(static_cast<std::size_t>(end_ - begin_) * num_keys);
            trace_.rows(head_.layer, head_.head, begin_, end_, rows_);
        }
        return std::span(rows_).subspan(static_cast<std::size_t>(query - begin_) * num_keys, num_keys);
    }

  private:
    static constexpr int kRowsAtATime = 64;
    const AttentionTrace& trace_;
    HeadId head_;
    int begin_ = 0, end_ = 0;
    std::vector<float> rows_;
};

HeadDivergence compare_pair(const AttentionTrace& a, const AttentionTrace& b, const RunAlignment& alignment,
                            HeadPair heads) {
    HeadDivergence out;
    out.heads = heads;
    out.row_jsd.assign(static_cast<std::size_t>(a.num_queries()), 0.0f);
    out.row_rest = out.row_jsd;
    if (a.is_absent(heads.a.layer) || b.is_absent(heads.b.layer)) return out;
    HeadRowReader rows_a(a, heads.a), rows_b(b, heads.b);
    double sum = 0, sum_after = 0;
    for (const auto& [query_a, query_b] : alignment.queries.pairs) {
        const KeyRange keys_a = a.admissible(heads.a.layer, query_a),
                       keys_b = b.admissible(heads.b.layer, query_b);
        if (keys_a.count() < 2 || keys_b.count() < 2) continue;
        const RowDivergence row =
            compare_rows(rows_a.row(query_a), keys_a, rows_b.row(query_b), keys_b, alignment.keys.pairs);
        if (row.num_common == 0) continue;
        out.row_jsd[static_cast<std::size_t>(query_a)] = static_cast<float>(row.jsd);
        out.row_rest[static_cast<std::size_t>(query_a)] = static_cast<float>(row.rest);
        sum += row.jsd;
        out.rest += row.rest;
        ++out.num_rows;
        if (!alignment.is_after(query_a)) continue;
        sum_after += row.jsd;
        out.rest_after += row.rest;
        ++out.num_rows_after;
    }
    if (out.num_rows > 0) {
        out.jsd = sum / out.num_rows;
        out.rest /= out.num_rows;
    }
    if (out.num_rows_after > 0) {
        out.jsd_after = sum_after / out.num_rows_after;
        out.rest_after /= out.num_rows_after;
    }
    out.ranked = (alignment.agrees_before ? out.jsd_after : out.jsd).value_or(0);
    return out;
}

}  // namespace

RowDivergence compare_rows(std::span<const float> a, KeyRange keys_a, std::span<const float> b,
                           KeyRange keys_b, std::span<const TokenAlignment::Pair> key_pairs) {
    RowDivergence out;
    double common_a = 0, common_b = 0;
    for (const auto& [key_a, key_b] : key_pairs) {
        if (!contains(keys_a, key_a) || !contains(keys_b, key_b)) continue;
        const double p = a[static_cast<std::size_t>(key_a)], q = b[static_cast<std::size_t>(key_b)];
        out.jsd += bin_divergence(p, q);
        common_a += p;
        common_b += q;
        ++out.num_common;
    }
    // Where all keys are common and nothing leaves the text, what is missing to 1 is rounding.
    constexpr double kRounding = 1e-5;
    double rest_a = rest_of(common_a), rest_b = rest_of(common_b);
    const bool is_all = out.num_common == keys_a.count() && out.num_common == keys_b.count();
    if (is_all && rest_a < kRounding && rest_b < kRounding) rest_a = rest_b = 0;
    out.rest = 0.5 * (rest_a + rest_b);
    out.jsd = std::clamp(out.jsd + bin_divergence(rest_a, rest_b), 0.0, std::numbers::ln2);
    return out;
}

std::vector<HeadPair> same_heads(const AttentionTrace& trace) {
    std::vector<HeadPair> out;
    for (std::size_t i = 0; i < trace.grid().size(); ++i)
        out.push_back({trace.grid().at(i), trace.grid().at(i)});
    return out;
}

Result<std::vector<HeadDivergence>> compare_heads(const AttentionTrace& a, const AttentionTrace& b,
                                                  const RunAlignment& alignment,
                                                  std::span<const HeadPair> heads, const JobContext& job,
                                                  int num_threads) {
    std::vector<HeadDivergence> out(heads.size());
    std::atomic<std::size_t> num_done{0};
    parallel_for(heads.size(), num_threads, [&](std::size_t i) {
        if (job.should_stop()) return;
        out[i] = compare_pair(a, b, alignment, heads[i]);
        job.report(
            {"comparing heads", static_cast<double>(++num_done) / static_cast<double>(heads.size()), {}});
    });
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "comparing heads: stopped");
    return out;
}

std::vector<std::size_t> most_changed(std::span<const HeadDivergence> heads) {
    std::vector<std::size_t> order(heads.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t x, std::size_t y) { return heads[x].ranked > heads[y].ranked; });
    return order;
}

}  // namespace headlight
