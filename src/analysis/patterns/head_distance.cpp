#include "analysis/patterns/head_distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "analysis/patterns/entropy_kernel.h"
#include "analysis/statistics/scaling.h"
#include "base/parallel.h"

namespace headlight {
namespace {

constexpr float kSmoothing = 0.001f;

double entropy_term(double value) {
    return value > 0 ? -value * std::log(value) : 0.0;
}

/// Queries whose row is valid and has two keys or more in every head.
std::vector<int> comparable_queries(const AttentionTrace& trace) {
    std::vector<bool> fits(static_cast<std::size_t>(trace.num_queries()), true);
    std::vector<RowStats> rows(fits.size());
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int head = 0; head < trace.num_heads(); ++head) {
            trace.row_stats(layer, head, rows);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                if (rows[i].num_keys < 2) fits[i] = false;
            }
        }
    }
    std::vector<int> queries;
    for (std::size_t i = 0; i < fits.size(); ++i) {
        if (fits[i]) queries.push_back(static_cast<int>(i));
    }
    return queries;
}

/// At most `count` of them, evenly spaced, the last among them.
std::vector<int> evenly_spaced(const std::vector<int>& all, int count) {
    const auto most = static_cast<std::size_t>(std::max(1, count));
    if (all.size() <= most) return all;
    std::vector<int> out;
    for (std::size_t i = 1; i <= most; ++i)
        out.push_back(all[i * all.size() / most - 1]);
    return out;
}

/// The rows of one query in every head, smoothed, and their entropies.
struct RowSet {
    int num_heads = 0, num_keys = 0;
    std::vector<float> weights;     // [head, key]
    std::vector<double> entropies;  // [head]
    const float* row(int head) const {
        return weights.data() + static_cast<std::size_t>(head) * static_cast<std::size_t>(num_keys);
    }
};

void read_rows(const AttentionTrace& trace, int query, int num_used_keys, RowSet& set) {
    for (int index = 0; index < set.num_heads; ++index) {
        const HeadId head = trace.grid().at(static_cast<std::size_t>(index));
        const std::span<float> row(set.weights.data() + static_cast<std::size_t>(index) * set.num_keys,
                                   static_cast<std::size_t>(set.num_keys));
        trace.rows(head.layer, head.head, query, query + 1, row);
        const KeyRange keys = trace.admissible(head.layer, query);
        const float even = kSmoothing / static_cast<float>(std::max(1, keys.count()));
        for (int key = keys.begin; key < keys.end; ++key)
            row[static_cast<std::size_t>(key)] = (1 - kSmoothing) * row[static_cast<std::size_t>(key)] + even;
        set.entropies[static_cast<std::size_t>(index)] =
            kernels::mixed_entropy(row.data(), row.data(), num_used_keys);
    }
}

/// Adds the divergence of every pair of heads to the upper triangle of `sums` [heads, heads].
void add_divergences(const RowSet& set, int num_used_keys, int num_threads, std::vector<double>& sums) {
    const auto num_heads = static_cast<std::size_t>(set.num_heads);
    parallel_for(num_heads, num_threads, [&](std::size_t a) {
        for (std::size_t b = a + 1; b < num_heads; ++b) {
            const double mixed = kernels::mixed_entropy(set.row(static_cast<int>(a)),
                                                        set.row(static_cast<int>(b)), num_used_keys);
            sums[a * num_heads + b] +=
                std::clamp(mixed - 0.5 * (set.entropies[a] + set.entropies[b]), 0.0, std::numbers::ln2);
        }
    });
}

/// Both triangles of the means, zeros on the diagonal.
std::vector<double> mean_distances(const std::vector<double>& sums, std::size_t num_heads,
                                   std::size_t num_rows) {
    std::vector<double> out(sums.size());
    for (std::size_t a = 0; a < num_heads; ++a) {
        for (std::size_t b = a + 1; b < num_heads; ++b)
            out[a * num_heads + b] = out[b * num_heads + a] =
                sums[a * num_heads + b] / static_cast<double>(num_rows);
    }
    return out;
}

}  // namespace

double jensen_shannon(std::span<const float> a, std::span<const float> b) {
    double divergence = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double x = a[i], y = b[i];
        divergence += entropy_term(0.5 * (x + y)) - 0.5 * (entropy_term(x) + entropy_term(y));
    }
    return std::clamp(divergence, 0.0, std::numbers::ln2);
}

Result<HeadMap> compute_head_map(const AttentionTrace& trace, const JobContext& job, int max_rows) {
    const int num_heads = static_cast<int>(trace.grid().size()), num_keys = trace.num_keys();
    if (num_heads < 2) {
        return fail(ErrorKind::InvalidInput, "comparing heads: there is {} head, two are needed", num_heads);
    }
    HeadMap map;
    map.queries = evenly_spaced(comparable_queries(trace), max_rows);
    if (map.queries.empty()) {
        return fail(ErrorKind::InvalidInput,
                    "comparing heads: no row of the {} has two keys in every head; use a longer text",
                    trace.num_queries());
    }
    const auto count = static_cast<std::size_t>(num_heads);
    RowSet set{num_heads, num_keys, std::vector<float>(count * static_cast<std::size_t>(num_keys)),
               std::vector<double>(count)};
    std::vector<double> sums(count * count);
    for (std::size_t i = 0; i < map.queries.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "comparing heads: stopped");
        job.report({"comparing heads", static_cast<double>(i) / static_cast<double>(map.queries.size()), {}});
        const int query = map.queries[i];
        const int num_used = trace.info().is_causal ? std::min(num_keys, query + 1) : num_keys;
        read_rows(trace, query, num_used, set);
        add_divergences(set, num_used, default_num_threads(), sums);
    }
    const std::vector<double> distances = mean_distances(sums, count, map.queries.size());
    const std::optional<PlaneMap> plane = scale_to_plane(distances, num_heads);
    if (!plane) return fail(ErrorKind::Internal, "comparing heads: a distance is no finite number");
    map.distances = Matrix(num_heads, num_heads);
    std::copy(distances.begin(), distances.end(), map.distances.values.begin());
    map.x.assign(plane->x.begin(), plane->x.end());
    map.y.assign(plane->y.begin(), plane->y.end());
    map.explained = plane->explained;
    return map;
}

}  // namespace headlight
