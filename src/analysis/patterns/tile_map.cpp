#include "analysis/patterns/tile_map.h"

#include <algorithm>
#include <cmath>

#include "core/cause/weighted_trace.h"

namespace headlight {
namespace {

constexpr int kRowsAtATime = 64;

Status check_wish(const TileMapWish& wish) {
    const AttentionTrace& trace = *wish.trace;
    if (wish.heads.empty())
        return fail(ErrorKind::InvalidInput, "tiles: no head was chosen; choose at least one");
    for (const HeadId head : wish.heads) {
        if (head.layer >= 0 && head.layer < trace.num_layers() && head.head >= 0 &&
            head.head < trace.num_heads())
            continue;
        return fail(ErrorKind::InvalidInput, "tiles: there is no head {}; there are {} layers of {}",
                    head.to_string(), trace.num_layers(), trace.num_heads());
    }
    const TileArea& area = wish.area;
    const bool is_inside = area.cell >= 1 && area.row_begin >= 0 && area.row_begin < area.row_end &&
                           area.row_end <= trace.num_queries() && area.col_begin >= 0 &&
                           area.col_begin < area.col_end && area.col_end <= trace.num_keys();
    const bool fits = wish.before == nullptr || (wish.before->num_queries() == trace.num_queries() &&
                                                 wish.before->num_keys() == trace.num_keys());
    if (is_inside && fits) return {};
    return fail(ErrorKind::InvalidInput,
                "tiles: queries {} to {} and keys {} to {} are not all inside {} x {} tokens", area.row_begin,
                area.row_end, area.col_begin, area.col_end, trace.num_queries(), trace.num_keys());
}

float farther(float a, float b) {
    return std::abs(b) > std::abs(a) ? b : a;
}

/// Of [begin, end), the value farthest from zero.
float farthest(const float* begin, const float* end) {
    float high = 0, low = 0;
    for (const float* value = begin; value < end; ++value) {
        high = *value > high ? *value : high;
        low = *value < low ? *value : low;
    }
    return -low > high ? low : high;
}

/// One row of `num_keys` values into the map.
void add_row(TileMap& map, int query, std::span<const float> row) {
    const TileArea& area = map.area;
    double sum = 0, size = 0;
    for (const float value : row) {
        sum += value;
        size += std::abs(value);
    }
    const auto index = static_cast<std::size_t>(query - area.row_begin);
    map.row_sum[index] = static_cast<float>(sum);
    map.row_size[index] = static_cast<float>(size);
    float* out = map.values.data() +
                 index / static_cast<std::size_t>(area.cell) * static_cast<std::size_t>(area.cols());
    for (int key = area.col_begin; key < area.col_end; key += area.cell, ++out) {
        *out =
            farther(*out, farthest(row.data() + key, row.data() + std::min(area.col_end, key + area.cell)));
        map.largest = std::max(map.largest, std::abs(*out));
    }
}

}  // namespace

TileArea whole_area(int num_queries, int num_keys, int most) {
    TileArea area{0, num_queries, 0, num_keys, 1};
    while (std::max(area.rows(), area.cols()) > most)
        area.cell *= 2;
    return area;
}

std::size_t TileMap::size_bytes() const {
    return sizeof(*this) + (values.size() + row_sum.size() + row_size.size()) * sizeof(float);
}

void mean_rows(const AttentionTrace& trace, std::span<const HeadId> heads, int begin, int end,
               std::span<float> out, std::vector<float>& room) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    const std::size_t size = static_cast<std::size_t>(end - begin) * num_keys;
    if (heads.size() == 1) return trace.rows(heads[0].layer, heads[0].head, begin, end, out.first(size));
    const auto* weighted = dynamic_cast<const WeightedTrace*>(&trace);
    const bool skips_empty = weighted != nullptr && weighted->weights() == WeightsShown::NoSink;
    std::vector<double> sums(size);
    std::vector<int> counts(static_cast<std::size_t>(end - begin), 0);  // heads that do not rest there
    room.resize(std::max(room.size(), size));
    for (const HeadId head : heads) {
        trace.rows(head.layer, head.head, begin, end, std::span(room).first(size));
        for (std::size_t row = 0; row < counts.size(); ++row) {
            const auto values = std::span<const float>(room).subspan(row * num_keys, num_keys);
            double largest = 0;
            for (std::size_t key = 0; key < num_keys; ++key) {
                sums[row * num_keys + key] += values[key];
                largest = std::max(largest, static_cast<double>(values[key]));
            }
            counts[row] += !skips_empty || largest > 0 ? 1 : 0;  // a resting row is all 0
        }
    }
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<float>(sums[i] / std::max(1, counts[i / num_keys]));
}

Result<TileMap> build_tile_map(const TileMapWish& wish, const JobContext& job) {
    HEADLIGHT_CHECK(check_wish(wish));
    const TileArea& area = wish.area;
    const auto num_rows = static_cast<std::size_t>(area.row_end - area.row_begin);
    TileMap map{area, {}, std::vector<float>(num_rows), std::vector<float>(num_rows), 0};
    map.values.assign(static_cast<std::size_t>(area.rows()) * static_cast<std::size_t>(area.cols()), 0.0f);
    const auto num_keys = static_cast<std::size_t>(wish.trace->num_keys());
    std::vector<float> rows(kRowsAtATime * num_keys), before, room;
    for (int begin = area.row_begin; begin < area.row_end; begin += kRowsAtATime) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "tiles: cancelled");
        job.report(
            {"zoom levels", static_cast<double>(begin - area.row_begin) / static_cast<double>(num_rows), {}});
        const int end = std::min(begin + kRowsAtATime, area.row_end);
        mean_rows(*wish.trace, wish.heads, begin, end, rows, room);
        if (wish.before != nullptr) {
            before.resize(rows.size());
            mean_rows(*wish.before, wish.heads, begin, end, before, room);
            for (std::size_t i = 0; i < static_cast<std::size_t>(end - begin) * num_keys; ++i)
                rows[i] -= before[i];
        }
        for (int query = begin; query < end; ++query) {
            const auto row = std::span<const float>(rows).subspan(
                static_cast<std::size_t>(query - begin) * num_keys, num_keys);
            add_row(map, query, row);
        }
    }
    return map;
}

}  // namespace headlight
