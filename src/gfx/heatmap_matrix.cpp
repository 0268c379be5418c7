#include "gfx/heatmap_matrix.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

namespace headlight::gfx {
namespace {

constexpr int kMostSliceSide = 2048;
constexpr int kRangesAcross = 1024;  // rows per texture row; the shader uses the same number
constexpr int kCoarsestSide = 64;

struct PooledLevel {
    int rows = 0, cols = 0, cell = 1;
    std::vector<float> max, mean;  // [rows, cols], NaN where every cell is a structural zero
};

int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

KeyRange range_of(std::span<const KeyRange> ranges, int row, int cols) {
    if (ranges.empty()) return {0, cols};
    const KeyRange given = ranges[static_cast<std::size_t>(row)];
    return {std::clamp(given.begin, 0, cols), std::clamp(given.end, 0, cols)};
}

// Sums and counts are kept beside the maxima so that a mean of means stays the mean of cells.
struct Accumulator {
    int rows, cols;
    std::vector<float> max, count;
    std::vector<double> sum;
    Accumulator(int num_rows, int num_cols) : rows(num_rows), cols(num_cols) {
        const auto size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
        max.assign(size, -std::numeric_limits<float>::infinity());
        count.assign(size, 0);
        sum.assign(size, 0);
    }
    void add(int row, int col, float largest, double total, float number) {
        const auto i =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) + static_cast<std::size_t>(col);
        max[i] = std::max(max[i], largest);
        sum[i] += total;
        count[i] += number;
    }
    PooledLevel finish(int cell) const {
        PooledLevel level{rows, cols, cell, max, {}};
        level.mean.resize(max.size());
        for (std::size_t i = 0; i < max.size(); ++i) {
            if (count[i] == 0) level.max[i] = std::numeric_limits<float>::quiet_NaN();
            level.mean[i] = static_cast<float>(sum[i] / count[i]);  // 0/0 is the NaN of a structural zero
        }
        return level;
    }
};

Accumulator halve_cells(int rows, int cols, std::span<const float> cells, std::span<const KeyRange> ranges) {
    Accumulator half(ceil_div(rows, 2), ceil_div(cols, 2));
    for (int row = 0; row < rows; ++row) {
        const KeyRange range = range_of(ranges, row, cols);
        const float* values = cells.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(cols);
        for (int col = range.begin; col < range.end; ++col) {
            if (!std::isnan(values[col])) half.add(row / 2, col / 2, values[col], values[col], 1);
        }
    }
    return half;
}

Accumulator halve(const Accumulator& fine) {
    Accumulator half(ceil_div(fine.rows, 2), ceil_div(fine.cols, 2));
    for (int row = 0; row < fine.rows; ++row) {
        for (int col = 0; col < fine.cols; ++col) {
            const auto i = static_cast<std::size_t>(row) * static_cast<std::size_t>(fine.cols) +
                           static_cast<std::size_t>(col);
            if (fine.count[i] > 0) half.add(row / 2, col / 2, fine.max[i], fine.sum[i], fine.count[i]);
        }
    }
    return half;
}

// Cuts [rows, cols] into equal slices no larger than a texture and uploads them as one array.
Result<Texture> upload_slices(const HeatmapMatrix::GpuLevel& level, std::span<const float> values) {
    const int slices = level.tiles_across * ceil_div(level.rows, level.tile_rows);
    if (slices == 1)
        return Texture::make(TexelFormat::R32F, level.cols, level.rows, values.data(), TextureFilter::Nearest,
                             1);
    if (slices > max_texture_slices()) {
        return fail(ErrorKind::Unsupported,
                    "Showing a matrix of {} x {} cells at full detail: it takes {} texture slices of {} x "
                    "{}, this graphics "
                    "driver has {}. Show a part of it, or a coarser level.",
                    level.rows, level.cols, slices, level.tile_rows, level.tile_cols, max_texture_slices());
    }
    HEADLIGHT_TRY(Texture texture, Texture::make(TexelFormat::R32F, level.tile_cols, level.tile_rows, nullptr,
                                                 TextureFilter::Nearest, slices));
    std::vector<float> slice;
    for (int s = 0; s < slices; ++s) {
        const int row0 = s / level.tiles_across * level.tile_rows,
                  col0 = s % level.tiles_across * level.tile_cols;
        const int rows = std::min(level.tile_rows, level.rows - row0),
                  cols = std::min(level.tile_cols, level.cols - col0);
        if (rows <= 0 || cols <= 0) continue;
        slice.clear();
        for (int row = row0; row < row0 + rows; ++row) {
            const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row) * level.cols + col0;
            slice.insert(slice.end(), begin, begin + cols);
        }
        texture.update(0, 0, cols, rows, slice.data(), s);
    }
    return texture;
}

Result<Texture> upload_ranges(int level_rows, int cell, int rows, int cols,
                              std::span<const KeyRange> ranges) {
    const int texture_rows = ceil_div(level_rows, kRangesAcross);
    std::vector<float> texels(static_cast<std::size_t>(texture_rows) * kRangesAcross * 2, 0.0f);
    for (int i = 0; i < level_rows; ++i) {
        KeyRange all{cols, 0};
        for (int row = i * cell; row < std::min(rows, (i + 1) * cell); ++row) {
            const KeyRange range = range_of(ranges, row, cols);
            if (range.begin >= range.end) continue;
            all = {std::min(all.begin, range.begin), std::max(all.end, range.end)};
        }
        texels[static_cast<std::size_t>(i) * 2] = static_cast<float>(all.begin);
        texels[static_cast<std::size_t>(i) * 2 + 1] = static_cast<float>(all.end);
    }
    return Texture::make(TexelFormat::RG32F, kRangesAcross, texture_rows, texels.data());
}

std::uint64_t next_matrix_id() {
    static std::atomic<std::uint64_t> next{1};
    return next++;
}

Status check_level(const HeatmapLevel& level, int rows, int cols, int expected_cell) {
    const auto size =
        static_cast<std::size_t>(std::max(0, level.rows)) * static_cast<std::size_t>(std::max(0, level.cols));
    if (level.cell != expected_cell || level.rows != ceil_div(rows, level.cell) ||
        level.cols != ceil_div(cols, level.cell) || level.max.size() != size ||
        (!level.mean.empty() && level.mean.size() != size)) {
        return fail(ErrorKind::InvalidInput,
                    "Uploading a heatmap of {} x {} cells: a level with {} cells a side has {} x {} values "
                    "({} stored, {} of "
                    "means); expected {} cells a side and {} x {}.",
                    rows, cols, level.cell, level.rows, level.cols, level.max.size(), level.mean.size(),
                    expected_cell, ceil_div(rows, std::max(1, expected_cell)),
                    ceil_div(cols, std::max(1, expected_cell)));
    }
    return {};
}

}  // namespace

Result<HeatmapMatrix> HeatmapMatrix::from_levels(int rows, int cols, std::span<const HeatmapLevel> levels,
                                                 std::span<const KeyRange> key_ranges) {
    if (rows < 1 || cols < 1 || levels.empty() || levels[0].cell < 1) {
        return fail(ErrorKind::InvalidInput,
                    "Uploading a heatmap of {} x {} cells in {} levels: expected at least one of each.", rows,
                    cols, levels.size());
    }
    if (!key_ranges.empty() && key_ranges.size() != static_cast<std::size_t>(rows)) {
        return fail(ErrorKind::InvalidInput, "Uploading a heatmap: {} key ranges were given for {} rows.",
                    key_ranges.size(), rows);
    }
    HeatmapMatrix matrix;
    matrix.rows_ = rows;
    matrix.cols_ = cols;
    matrix.id_ = next_matrix_id();
    const int most = std::min(kMostSliceSide, max_texture_size());
    int expected_cell = levels[0].cell;
    for (const HeatmapLevel& level : levels) {
        HEADLIGHT_CHECK(check_level(level, rows, cols, expected_cell));
        expected_cell *= 2;
        GpuLevel gpu;
        gpu.cell = level.cell;
        gpu.rows = level.rows;
        gpu.cols = level.cols;
        gpu.tiles_across = ceil_div(level.cols, most);
        gpu.tile_cols = ceil_div(level.cols, gpu.tiles_across);
        gpu.tile_rows = ceil_div(level.rows, ceil_div(level.rows, most));
        HEADLIGHT_TRY(gpu.max, upload_slices(gpu, level.max));
        if (!level.mean.empty() && level.cell > 1) {
            HEADLIGHT_TRY(gpu.mean, upload_slices(gpu, level.mean));
        }
        HEADLIGHT_TRY(gpu.ranges, upload_ranges(level.rows, level.cell, rows, cols, key_ranges));
        matrix.levels_.push_back(std::move(gpu));
    }
    return matrix;
}

Result<HeatmapMatrix> HeatmapMatrix::from_cells(int rows, int cols, std::span<const float> cells,
                                                std::span<const KeyRange> key_ranges) {
    if (rows < 1 || cols < 1 ||
        cells.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {
        return fail(ErrorKind::InvalidInput, "Uploading a heatmap: {} values were given for {} x {} cells.",
                    cells.size(), rows, cols);
    }
    if (!key_ranges.empty() && key_ranges.size() != static_cast<std::size_t>(rows)) {
        return fail(ErrorKind::InvalidInput, "Uploading a heatmap: {} key ranges were given for {} rows.",
                    key_ranges.size(), rows);
    }
    std::vector<PooledLevel> pooled;
    if (std::max(rows, cols) > kCoarsestSide) {
        Accumulator level = halve_cells(rows, cols, cells, key_ranges);
        int cell = 2;
        pooled.push_back(level.finish(cell));
        while (std::max(level.rows, level.cols) > kCoarsestSide) {
            level = halve(level);
            cell *= 2;
            pooled.push_back(level.finish(cell));
        }
    }
    std::vector<HeatmapLevel> levels = {{rows, cols, 1, cells, {}}};
    for (const PooledLevel& level : pooled)
        levels.push_back({level.rows, level.cols, level.cell, level.max, level.mean});
    return from_levels(rows, cols, levels, key_ranges);
}

std::size_t HeatmapMatrix::size_bytes() const {
    std::size_t total = 0;
    for (const GpuLevel& level : levels_) {
        total +=
            level.max.size_bytes() + level.ranges.size_bytes() + (level.mean ? level.mean.size_bytes() : 0);
    }
    return total;
}

std::vector<KeyRange> causal_key_ranges(int num_rows, int num_cols, int window, int offset) {
    std::vector<KeyRange> ranges(static_cast<std::size_t>(num_rows));
    for (int row = 0; row < num_rows; ++row) {
        const int end = std::clamp(row + offset + 1, 0, num_cols);
        ranges[static_cast<std::size_t>(row)] = {window > 0 ? std::max(0, row + offset + 1 - window) : 0,
                                                 end};
    }
    return ranges;
}

}  // namespace headlight::gfx
