// The matrix that the heatmap shows.
#include "views/heat_source.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "views/thumbnails.h"

namespace headlight {

void HeatSource::start(const Snapshot& snapshot, const std::vector<HeadId>& heads) {
    const AttentionTrace& trace = *snapshot.text->trace;
    text_id_ = snapshot.text->id;
    heads_ = heads;
    rows_ = trace.num_queries();
    cols_ = trace.num_keys();
    is_exact_ = false;
    progress_ = -1;
    failure_.clear();
    cells_.clear();
    pyramid_.reset();
    ranges_.clear();
    for (int query = 0; query < rows_; ++query) {
        const KeyRange range = visible_keys(trace, heads, query);
        ranges_.push_back({range.begin, range.end});
    }
}

void HeatSource::use_overview(const AttentionTrace& trace, const std::vector<HeadId>& heads, bool has_gl) {
    Thumbnail mean;
    std::vector<int> counts;  // [rows, cols] heads that may see the tile
    for (const HeadId& head : heads) {
        const Thumbnail picture = head_thumbnail(trace, head);
        if (mean.values.empty()) {
            mean = {picture.rows, picture.cols, std::vector<float>(picture.values.size(), 0.0f)};
            counts.assign(picture.values.size(), 0);
        }
        for (std::size_t i = 0; i < picture.values.size(); ++i) {
            if (picture.values[i] != picture.values[i]) continue;
            mean.values[i] += picture.values[i] / static_cast<float>(heads.size());
            ++counts[i];
        }
    }
    is_exact_ = mean.rows == rows_ && mean.cols == cols_;
    if (is_exact_) cells_ = mean.values;
    if (!has_gl) return;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) mean.values[i] = std::numeric_limits<float>::quiet_NaN();
    }
    auto made = gfx::HeatmapMatrix::from_cells(mean.rows, mean.cols, mean.values);
    if (made) matrix_ = std::move(*made);
    if (!made) failure_ = made.error().message;
}

void HeatSource::use_pyramid(std::shared_ptr<const TilePyramid> pyramid, bool has_gl) {
    pyramid_ = std::move(pyramid);
    is_exact_ = !pyramid_->levels.empty() && pyramid_->levels.front().cell == 1;
    if (!has_gl) return;
    std::vector<gfx::HeatmapLevel> levels;
    for (const TileLevel& level : pyramid_->levels) {
        gfx::HeatmapLevel out{level.rows, level.cols, level.cell, level.max, {}};
        if (level.mean.size() == level.max.size() && level.cell > 1) out.mean = level.mean;
        levels.push_back(out);
    }
    auto made = gfx::HeatmapMatrix::from_levels(rows_, cols_, levels, ranges_);
    if (made) matrix_ = std::move(*made);
    if (!made) failure_ = made.error().message;
}

void HeatSource::update(const Snapshot& snapshot, DerivedValues& values, const std::vector<HeadId>& heads,
                        bool has_gl) {
    const bool is_same = text_id_ == snapshot.text->id && heads_ == heads && rows_ > 0;
    if (!is_same) {
        start(snapshot, heads);
        use_overview(*snapshot.text->trace, heads, has_gl);
    }
    if (is_exact_ || !failure_.empty()) return;
    const Derived<TilePyramid> pyramid = values.pyramid(heads);
    progress_ = pyramid.progress;
    if (pyramid.state == Derived<TilePyramid>::State::Failed) {
        failure_ = pyramid.error ? pyramid.error->message : "The heatmap could not be computed.";
    }
    const bool fits =
        pyramid.is_ready() && pyramid.value->num_queries == rows_ && pyramid.value->num_keys == cols_;
    if (fits) use_pyramid(pyramid.value, has_gl);
}

std::optional<float> HeatSource::value(int query, int key) const {
    if (!is_exact_ || query < 0 || key < 0 || query >= rows_ || key >= cols_) return std::nullopt;
    const auto index =
        static_cast<std::size_t>(query) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(key);
    return pyramid_ ? pyramid_->levels.front().max[index] : cells_[index];
}

bool HeatSource::is_masked(int query, int key) const {
    if (query < 0 || query >= static_cast<int>(ranges_.size())) return true;
    const gfx::KeyRange& range = ranges_[static_cast<std::size_t>(query)];
    return key < range.begin || key >= range.end;
}

}  // namespace headlight
