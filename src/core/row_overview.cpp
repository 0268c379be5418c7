// The tiles of a thumbnail from rows.
#include "core/row_overview.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr int kTilesPerSide = 64;
constexpr int kOverviewRows = 32;  // that are read at once

}  // namespace

Overview overview_of_rows(const AttentionTrace& trace, int layer,
                          const std::function<void(int begin, int end, std::span<float> out)>& read) {
    const TraceInfo& info = trace.info();
    Overview out;
    out.rows = std::min(info.num_queries, kTilesPerSide);
    out.cols = std::min(info.num_keys, kTilesPerSide);
    const auto num_cols = static_cast<std::size_t>(out.cols),
               num_keys = static_cast<std::size_t>(info.num_keys);
    out.max.assign(static_cast<std::size_t>(out.rows) * num_cols, 0.0f);
    out.mean = out.max;
    std::vector<int> counts(out.max.size(), 0);
    std::vector<std::size_t> tile_of(num_keys);  // column of a key; a division a cell would cost the most
    for (std::size_t key = 0; key < num_keys; ++key)
        tile_of[key] = key * num_cols / num_keys;
    std::vector<float> block(kOverviewRows * num_keys);
    for (int query = 0; query < info.num_queries; ++query) {
        if (query % kOverviewRows == 0) {
            const int end = std::min(query + kOverviewRows, info.num_queries);
            read(query, end, std::span(block).first(static_cast<std::size_t>(end - query) * num_keys));
        }
        const float* row = block.data() + static_cast<std::size_t>(query % kOverviewRows) * num_keys;
        const KeyRange range = trace.admissible(layer, query);
        const std::size_t first = static_cast<std::size_t>(query) * static_cast<std::size_t>(out.rows) /
                                  static_cast<std::size_t>(info.num_queries) * num_cols;
        for (int key = range.begin; key < range.end; ++key) {
            const auto at = static_cast<std::size_t>(key);
            const std::size_t tile = first + tile_of[at];
            if (std::abs(row[at]) > std::abs(out.max[tile])) out.max[tile] = row[at];
            out.mean[tile] += row[at];
            ++counts[tile];
        }
    }
    for (std::size_t tile = 0; tile < counts.size(); ++tile)
        if (counts[tile] > 0) out.mean[tile] /= static_cast<float>(counts[tile]);
    return out;
}

}  // namespace headlight
