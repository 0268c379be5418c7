// The heatmap of a long text: tiles of the whole, and finer ones of what is in sight.
#include <algorithm>
#include <cmath>

#include "views/heatmap/heat_source.h"

namespace headlight {
namespace {

constexpr int kMostTilesAcross = 2048;  // of the whole text
constexpr double kMostInSight = 1536;   // tiles a side of what is seen; around it lies an eighth more
constexpr int kStepTiles =
    256;  // parts begin at multiples of so many tiles: panning a little asks for nothing

/// Tokens [begin, end) around what is seen, at multiples of the step.
std::pair<int, int> around(double first, double count, int cell, int total) {
    const double step = static_cast<double>(cell) * kStepTiles, margin = count / 8;
    const double begin = std::floor((first - margin) / step) * step,
                 end = std::ceil((first + count + margin) / step) * step;
    return {static_cast<int>(std::max(0.0, begin)), static_cast<int>(std::min<double>(total, end))};
}

bool covers(const TileArea& area, const gfx::CellRect& part) {
    constexpr double kSlack = 1e-6;
    return part.row >= area.row_begin - kSlack && part.row + part.rows <= area.row_end + kSlack &&
           part.col >= area.col_begin - kSlack && part.col + part.cols <= area.col_end + kSlack;
}

}  // namespace

Result<gfx::HeatmapMatrix> HeatSource::upload(const TileMap& map) const {
    const TileArea& area = map.area;
    std::vector<gfx::KeyRange> ranges;
    for (int query = area.row_begin; query < area.row_end; ++query) {
        const gfx::KeyRange range = ranges_[static_cast<std::size_t>(query)];
        ranges.push_back({range.begin - area.col_begin, range.end - area.col_begin});
    }
    const std::vector<DifferenceLevel> pooled = difference_levels(area.rows(), area.cols(), map.values);
    std::vector<gfx::HeatmapLevel> levels;
    for (const DifferenceLevel& level : pooled)
        levels.push_back({level.rows, level.cols, level.cell * area.cell, level.values, {}});
    return gfx::HeatmapMatrix::from_levels(area.row_end - area.row_begin, area.col_end - area.col_begin,
                                           levels, ranges);
}

void HeatSource::use_tiles(DerivedValues& values, bool has_gl) {
    const Derived<TileMap> map =
        values.tiles(heads_, whole_area(rows_, cols_, kMostTilesAcross), is_difference());
    progress_ = map.progress;
    if (map.state == Derived<TileMap>::State::Failed)
        failure_ = map.error ? map.error->message : "The heatmap could not be computed.";
    if (!map.is_ready()) return;
    whole_ = map.value;
    is_exact_ = true;
    largest_ = whole_->largest;
    if (weights_ == WeightsShown::Effect && heads_.size() == 1 && !is_difference())
        row_sums_ = whole_->row_sum;
    if (!has_gl) return;
    auto made = upload(*whole_);
    if (made) matrix_ = std::move(*made);
    if (!made) failure_ = made.error().message;
}

void HeatSource::look_at(DerivedValues& values, const gfx::CellRect& visible, bool has_gl) {
    is_in_sight_ = is_refining_ = false;
    if (!whole_ || !failure_.empty()) return;
    int cell = 1;
    while (std::max(visible.rows, visible.cols) > kMostInSight * cell)
        cell *= 2;
    if (cell >= whole_->area.cell) return;
    const bool is_there = in_sight_ && in_sight_->area.cell <= cell && covers(in_sight_->area, visible);
    if (!is_there || in_sight_->area.cell != cell) {
        const auto [row_begin, row_end] = around(visible.row, visible.rows, cell, rows_);
        const auto [col_begin, col_end] = around(visible.col, visible.cols, cell, cols_);
        const Derived<TileMap> map =
            values.tiles(heads_, {row_begin, row_end, col_begin, col_end, cell}, is_difference());
        is_refining_ = !map.is_ready() && map.state != Derived<TileMap>::State::Failed;
        progress_ = map.progress;
        if (map.is_ready()) {
            in_sight_ = map.value;
            auto made = has_gl ? upload(*in_sight_) : gfx::HeatmapMatrix();
            if (!made) failure_ = made.error().message;
            if (made) matrix_in_sight_ = std::move(*made);
        }
    }
    is_in_sight_ = in_sight_ && covers(in_sight_->area, visible) && failure_.empty();
}

gfx::CellRect HeatSource::in_matrix(const gfx::CellRect& part) const {
    const double down = matrix_.rows() > 0 ? static_cast<double>(rows_) / matrix_.rows() : 1,
                 across = matrix_.cols() > 0 ? static_cast<double>(cols_) / matrix_.cols() : 1;
    return {part.col / across, part.row / down, part.cols / across, part.rows / down};
}

gfx::CellRect HeatSource::in_picture(const gfx::CellRect& part) const {
    if (!is_in_sight_) return in_matrix(part);
    return {part.col - in_sight_->area.col_begin, part.row - in_sight_->area.row_begin, part.cols, part.rows};
}

std::optional<float> HeatSource::value_in_sight(int query, int key) const {
    for (const TileMap* map : {is_in_sight_ ? in_sight_.get() : nullptr, whole_.get()}) {
        if (map == nullptr || map->area.cell != 1) continue;
        const TileArea& area = map->area;
        if (query < area.row_begin || query >= area.row_end || key < area.col_begin || key >= area.col_end)
            continue;
        return map->values[static_cast<std::size_t>(query - area.row_begin) *
                               static_cast<std::size_t>(area.cols()) +
                           static_cast<std::size_t>(key - area.col_begin)];
    }
    return std::nullopt;
}

}  // namespace headlight
