#include "analysis/patterns/tile_pyramid.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr int kRowsPerBlock = 64;  // queries that are read at a time
constexpr int kSmallestSide = 64;  // the last level has at most this many tiles a side

/// Keys that any of the heads may look at.
KeyRange admissible_to_any(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query) {
    KeyRange range = trace.admissible(heads.front().layer, query);
    for (const HeadId head : heads) {
        const KeyRange other = trace.admissible(head.layer, query);
        range = {std::min(range.begin, other.begin), std::max(range.end, other.end)};
    }
    return range;
}

/// The matrix itself: mean over heads, block by block.
Result<TileLevel> read_matrix(const AttentionTrace& trace, const std::vector<HeadId>& heads,
                              const JobContext& job) {
    TileLevel level{trace.num_queries(), trace.num_keys(), 1, {}, {}};
    const auto num_keys = static_cast<std::size_t>(level.cols);
    level.max.resize(static_cast<std::size_t>(level.rows) * num_keys);
    std::vector<float> rows(kRowsPerBlock * num_keys);
    const float share = 1.0f / static_cast<float>(heads.size());
    for (int begin = 0; begin < level.rows; begin += kRowsPerBlock) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "tile pyramid: cancelled");
        job.report({"zoom levels", static_cast<double>(begin) / level.rows, {}});
        const int end = std::min(begin + kRowsPerBlock, level.rows);
        const std::size_t size = static_cast<std::size_t>(end - begin) * num_keys;
        float* out = level.max.data() + static_cast<std::size_t>(begin) * num_keys;
        for (const HeadId head : heads) {
            trace.rows(head.layer, head.head, begin, end, std::span(rows).first(size));
            for (std::size_t i = 0; i < size; ++i)
                out[i] += share * rows[i];
        }
    }
    level.mean = level.max;
    return level;
}

/// How many admissible entries each tile of a level holds, [rows, cols]; needed for the mean of the next.
using TileCounts = std::vector<std::uint32_t>;

TileCounts count_admissible(const AttentionTrace& trace, const std::vector<HeadId>& heads,
                            const TileLevel& level) {
    TileCounts counts(level.max.size());
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange keys = admissible_to_any(trace, heads, query);
        const std::size_t row =
            static_cast<std::size_t>(query / level.cell) * static_cast<std::size_t>(level.cols);
        for (int begin = keys.begin; begin < keys.end;) {
            const int tile = begin / level.cell, end = std::min(keys.end, (tile + 1) * level.cell);
            counts[row + static_cast<std::size_t>(tile)] += static_cast<std::uint32_t>(end - begin);
            begin = end;
        }
    }
    return counts;
}

/// Each tile from the up to 2 x 2 tiles under it.
TileLevel halve(const TileLevel& fine, const TileCounts& fine_counts, const TileCounts& counts, int rows,
                int cols) {
    TileLevel coarse{rows, cols, fine.cell * 2, std::vector<float>(counts.size()),
                     std::vector<float>(counts.size())};
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            const std::size_t tile =
                static_cast<std::size_t>(r) * static_cast<std::size_t>(cols) + static_cast<std::size_t>(c);
            double sum = 0;
            for (int y = 2 * r; y < std::min(2 * r + 2, fine.rows); ++y) {
                for (int x = 2 * c; x < std::min(2 * c + 2, fine.cols); ++x) {
                    const std::size_t part =
                        static_cast<std::size_t>(y) * static_cast<std::size_t>(fine.cols) +
                        static_cast<std::size_t>(x);
                    if (fine_counts[part] == 0) continue;
                    coarse.max[tile] = std::max(coarse.max[tile], fine.max[part]);
                    sum += static_cast<double>(fine.mean[part]) * fine_counts[part];
                }
            }
            if (counts[tile] > 0) coarse.mean[tile] = static_cast<float>(sum / counts[tile]);
        }
    }
    return coarse;
}

}  // namespace

std::size_t TilePyramid::size_bytes() const {
    std::size_t size = sizeof(*this);
    for (const TileLevel& level : levels)
        size += (level.max.size() + level.mean.size()) * sizeof(float);
    return size;
}

Result<TilePyramid> build_tile_pyramid(const AttentionTrace& trace, const std::vector<HeadId>& heads,
                                       const JobContext& job) {
    if (heads.empty())
        return fail(ErrorKind::InvalidInput, "tile pyramid: no head was chosen; choose at least one");
    for (const HeadId head : heads) {
        if (head.layer < 0 || head.layer >= trace.num_layers() || head.head < 0 ||
            head.head >= trace.num_heads()) {
            return fail(ErrorKind::InvalidInput,
                        "tile pyramid: there is no head {}; the model has {} layers of {} heads",
                        head.to_string(), trace.num_layers(), trace.num_heads());
        }
    }
    if (std::max(trace.num_queries(), trace.num_keys()) > kMostPyramidTokens) {
        return fail(
            ErrorKind::Unsupported,
            "tile pyramid: {} x {} tokens are more than the {} that are held whole; take tiles of a part",
            trace.num_queries(), trace.num_keys(), kMostPyramidTokens);
    }
    TilePyramid pyramid{trace.num_queries(), trace.num_keys(), {}};
    HEADLIGHT_TRY(TileLevel finest, read_matrix(trace, heads, job));
    TileCounts counts = count_admissible(trace, heads, finest);
    pyramid.levels.push_back(std::move(finest));
    while (std::max(pyramid.levels.back().rows, pyramid.levels.back().cols) > kSmallestSide) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "tile pyramid: cancelled");
        const TileLevel& fine = pyramid.levels.back();
        TileLevel shape{(fine.rows + 1) / 2, (fine.cols + 1) / 2, fine.cell * 2, {}, {}};
        shape.max.resize(static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(shape.cols));
        TileCounts coarse_counts = count_admissible(trace, heads, shape);
        TileLevel coarse = halve(fine, counts, coarse_counts, shape.rows, shape.cols);
        pyramid.levels.push_back(std::move(coarse));
        counts = std::move(coarse_counts);
    }
    return pyramid;
}

}  // namespace headlight
