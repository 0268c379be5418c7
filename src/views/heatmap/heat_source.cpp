// The matrix that the heatmap shows.
#include "views/heatmap/heat_source.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/kit.h"
#include "views/grid/thumbnails.h"
#include "views/pictures.h"

namespace headlight {

namespace {

/// Id of the unchanged text while differences are shown, else 0.
std::uint64_t compared_id(const Snapshot& snapshot) {
    return snapshot.shown() == Compare::Difference && snapshot.shown_base ? snapshot.shown_base->id : 0;
}

/// Weights [rows, cols] of the mean of heads; masked cells are 0.
std::vector<float> mean_matrix(const AttentionTrace& trace, const std::vector<HeadId>& heads) {
    std::vector<float> out;
    for (const HeadId& head : heads) {
        const std::vector<float> matrix = trace.matrix(head.layer, head.head);
        if (out.empty()) out.assign(matrix.size(), 0.0f);
        for (std::size_t i = 0; i < matrix.size(); ++i)
            out[i] += matrix[i] / static_cast<float>(heads.size());
    }
    return out;
}

constexpr int kMostDirectTokens = 64;  // above, matrices come from the pool

}  // namespace

void HeatSource::start(const Snapshot& snapshot, const std::vector<HeadId>& heads) {
    const AttentionTrace& trace = snapshot.shown_trace();
    text_id_ = snapshot.shown_id();
    weights_ = snapshot.picture.weights;
    before_id_ = compared_id(snapshot);
    largest_ = 0;
    heads_ = heads;
    rows_ = trace.num_queries();
    cols_ = trace.num_keys();
    is_exact_ = false;
    progress_ = -1;
    failure_.clear();
    cells_.clear();
    pyramid_.reset();
    whole_.reset();
    in_sight_.reset();
    is_in_sight_ = is_refining_ = false;
    matrix_in_sight_ = {};
    ranges_.clear();
    for (int query = 0; query < rows_; ++query) {
        const KeyRange range = visible_keys(trace, heads, query);
        ranges_.push_back({range.begin, range.end});
    }
    measure_rows(snapshot);
}

// Rows that rest and what was taken out of them. Sums of effects come with the cells.
void HeatSource::measure_rows(const Snapshot& snapshot) {
    row_sums_.clear();
    rests_.clear();
    num_shown_.clear();
    sink_keys_.clear();
    if (weights_ != WeightsShown::NoSink || is_difference()) return;
    const WeightedTrace& trace = *snapshot.picture.trace;
    for (int key = 0; key < cols_; ++key)
        if (trace.is_sink(key)) sink_keys_.push_back(key);
    num_shown_.assign(static_cast<std::size_t>(rows_), 0.0f);
    for (const HeadId head : heads_) {
        const auto rest = trace.rest(head.layer, head.head);
        for (std::size_t row = 0; row < rest.size(); ++row) {
            num_shown_[row] += rest[row].state == RowRest::Shown ? 1.0f : 0.0f;
            if (heads_.size() == 1) row_sums_.push_back(rest[row].removed);
        }
    }
    for (const float count : num_shown_)
        rests_.push_back(count == 0);
}

double HeatSource::row_kept(int query) const {
    if (!is_exact_ || query < 0 || query >= rows_) return 0;
    if (whole_) {
        const float size = whole_->row_size[static_cast<std::size_t>(query)];
        return size > 0 ? std::abs(whole_->row_sum[static_cast<std::size_t>(query)]) / size : 0;
    }
    const auto cols = static_cast<std::size_t>(cols_);
    return kept_share(std::span(cells_).subspan(static_cast<std::size_t>(query) * cols, cols));
}

// Exact cells of weights whose zoom levels are pooled here: signed ones, and those whose range is their own.
void HeatSource::use_cells(std::vector<float> cells, bool has_gl) {
    cells_ = std::move(cells);
    is_exact_ = cells_.size() == static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_);
    if (!is_exact_) return;
    largest_ = 0;
    const bool has_sums = weights_ == WeightsShown::Effect && heads_.size() == 1 && !is_difference();
    if (has_sums) row_sums_.assign(static_cast<std::size_t>(rows_), 0.0f);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const std::size_t row = i / static_cast<std::size_t>(cols_);
        // The mean is over heads that have values there.
        if (heads_.size() > 1 && !num_shown_.empty() && num_shown_[row] > 0)
            cells_[i] *= static_cast<float>(heads_.size()) / num_shown_[row];
        largest_ = std::max(largest_, std::abs(cells_[i]));
        if (has_sums) row_sums_[row] += cells_[i];
    }
    if (!has_gl) return;
    const std::vector<DifferenceLevel> pooled = difference_levels(rows_, cols_, cells_);
    std::vector<gfx::HeatmapLevel> levels;
    for (const DifferenceLevel& level : pooled)
        levels.push_back({level.rows, level.cols, level.cell, level.values, {}});
    auto made = gfx::HeatmapMatrix::from_levels(rows_, cols_, levels, ranges_);
    if (made) matrix_ = std::move(*made);
    if (!made) failure_ = made.error().message;
}

void HeatSource::use_overview(const AttentionTrace& trace, const std::vector<HeadId>& heads, bool has_gl) {
    const auto* weighted = dynamic_cast<const WeightedTrace*>(&trace);
    for (const HeadId& head : heads) {  // else the pool is at it
        if (!weighted || weighted->has_cheap_overview(head.layer, head.head)) continue;
        matrix_ = {};
        return;
    }
    if (weighted && rows_ <= kMostDirectTokens && cols_ <= kMostDirectTokens)
        return use_cells(mean_matrix(trace, heads), has_gl);
    Thumbnail mean;
    std::vector<int> counts;  // [rows, cols] heads that may see the tile
    for (const HeadId& head : heads) {
        const Thumbnail picture = head_thumbnail(trace, head);
        if (mean.values.empty()) {
            mean = {picture.rows, picture.cols, std::vector<float>(picture.values.size(), 0.0f), {}};
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
    largest_ = 0;
    for (const float value : mean.values)
        if (std::abs(value) > largest_) largest_ = std::abs(value);
    if (!has_gl) return;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) mean.values[i] = std::numeric_limits<float>::quiet_NaN();
    }
    auto made = gfx::HeatmapMatrix::from_cells(mean.rows, mean.cols, mean.values);
    if (made) matrix_ = std::move(*made);
    if (!made) failure_ = made.error().message;
}

// Levels of the difference are pooled by the value farthest from zero: neither a gain nor a loss may vanish.
void HeatSource::use_difference(const Snapshot& snapshot, DerivedValues& values, bool has_gl) {
    if (rows_ <= kMostDirectTokens) {
        std::vector<float> cells = mean_matrix(snapshot.shown_trace(), heads_);
        const std::vector<float> before = mean_matrix(snapshot.shown_before(), heads_);
        for (std::size_t i = 0; i < cells.size() && i < before.size(); ++i)
            cells[i] -= before[i];
        use_cells(std::move(cells), has_gl);
    } else {
        const Derived<TilePyramid> after = values.pyramid(heads_),
                                   before = values.pyramid(heads_, TextVersion::Before);
        progress_ =
            std::min(after.is_ready() ? 1.0 : after.progress, before.is_ready() ? 1.0 : before.progress);
        for (const auto* side : {&after, &before}) {
            if (side->state == Derived<TilePyramid>::State::Failed)
                failure_ = side->error ? side->error->message : "The difference could not be computed.";
        }
        if (!after.is_ready() || !before.is_ready()) return;
        std::vector<float> cells = after.value->levels.front().max;
        const std::vector<float>& other = before.value->levels.front().max;
        for (std::size_t i = 0; i < cells.size() && i < other.size(); ++i)
            cells[i] -= other[i];
        use_cells(std::move(cells), has_gl);
    }
}

std::vector<DifferenceLevel> difference_levels(int rows, int cols, const std::vector<float>& cells) {
    std::vector<DifferenceLevel> out;
    out.push_back({rows, cols, 1, cells});
    while (std::max(out.back().rows, out.back().cols) > kMostDirectTokens) {
        const DifferenceLevel& fine = out.back();
        DifferenceLevel next{(fine.rows + 1) / 2, (fine.cols + 1) / 2, 2 * fine.cell, {}};
        next.values.assign(static_cast<std::size_t>(next.rows) * static_cast<std::size_t>(next.cols), 0.0f);
        for (int row = 0; row < fine.rows; ++row) {
            for (int col = 0; col < fine.cols; ++col) {
                const float value =
                    fine.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(fine.cols) +
                                static_cast<std::size_t>(col)];
                float& slot =
                    next.values[static_cast<std::size_t>(row / 2) * static_cast<std::size_t>(next.cols) +
                                static_cast<std::size_t>(col / 2)];
                if (std::abs(value) > std::abs(slot)) slot = value;
            }
        }
        out.push_back(std::move(next));
    }
    return out;
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
    const bool is_same = text_id_ == snapshot.shown_id() && before_id_ == compared_id(snapshot) &&
                         heads_ == heads && rows_ > 0;
    if (!is_same) {
        start(snapshot, heads);
        if (!is_difference()) use_overview(snapshot.shown_trace(), heads, has_gl);
    }
    if (is_exact_ || !failure_.empty()) return;
    if (is_long_picture(rows_, cols_)) return use_tiles(values, has_gl);
    if (is_difference()) return use_difference(snapshot, values, has_gl);
    const Derived<TilePyramid> pyramid = values.pyramid(heads);
    progress_ = pyramid.progress;
    if (pyramid.state == Derived<TilePyramid>::State::Failed) {
        failure_ = pyramid.error ? pyramid.error->message : "The heatmap could not be computed.";
    }
    const bool fits =
        pyramid.is_ready() && pyramid.value->num_queries == rows_ && pyramid.value->num_keys == cols_;
    if (!fits) return;
    if (weights_ == WeightsShown::Raw) return use_pyramid(pyramid.value, has_gl);
    use_cells(pyramid.value->levels.front().max, has_gl);
}

std::optional<float> HeatSource::value(int query, int key) const {
    if (!is_exact_ || query < 0 || key < 0 || query >= rows_ || key >= cols_) return std::nullopt;
    if (whole_) return value_in_sight(query, key);
    const auto index =
        static_cast<std::size_t>(query) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(key);
    return pyramid_ ? pyramid_->levels.front().max[index] : cells_[index];
}

bool HeatSource::is_masked(int query, int key) const {
    if (query < 0 || query >= static_cast<int>(ranges_.size())) return true;
    const gfx::KeyRange& range = ranges_[static_cast<std::size_t>(query)];
    return key < range.begin || key >= range.end;
}

HeatLook heat_look(const Settings& settings, const HeatSource& source, float hi) {
    const ui::ThemeKind theme = ui::kit().theme;
    HeatLook look;
    look.weights = source.weights();
    look.is_signed = source.is_signed();
    look.is_difference = source.is_difference();
    const bool is_share = source.has_shares() && !look.is_signed;
    look.largest = is_share || source.largest() <= 0 ? 1 : source.largest();
    if (look.is_difference) look.largest = std::max(source.largest(), kLeastDifference);
    if (look.is_signed) {
        look.scale = difference_scale(look.largest * hi);
        look.colormap = difference_colormap(theme, settings.gamma);
        return look;
    }
    look.scale = weight_scale(settings, look.largest * hi);
    look.scale.log_floor *= look.largest;
    look.colormap = weight_colormap(theme);
    return look;
}

}  // namespace headlight
