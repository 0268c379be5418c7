// The head grid's pictures.
#include "views/grid/thumbnails.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stopwatch.h"
#include "core/cause/weighted_trace.h"
#include "views/grid/line_thumbnails.h"

namespace headlight {

namespace {

constexpr float kMasked = std::numeric_limits<float>::quiet_NaN();
constexpr int kTileSize = 64;
// Heads a frame whatever the clock says: the first upload of a frame may wait for the drawing of the last
// one, and one head a frame would draw the whole grid hundreds of times.
constexpr int kLeastHeadsPerFrame = 64;
// Heads whose tiles lie ready take microseconds; drawing the grid once more takes longer than all of them.
constexpr int kLeastPlainHeadsPerFrame = 512;

/// Keys that any query of each tile row may see: overview tile = query * rows / num_queries.
std::vector<KeyRange> tile_row_ranges(const AttentionTrace& trace, int layer, int rows) {
    std::vector<KeyRange> out(static_cast<std::size_t>(rows), KeyRange{trace.num_keys(), 0});
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange range = trace.admissible(layer, query);
        auto& tile =
            out[static_cast<std::size_t>(static_cast<long long>(query) * rows / trace.num_queries())];
        tile.begin = std::min(tile.begin, range.begin);
        tile.end = std::max(tile.end, range.end);
    }
    return out;
}

}  // namespace

namespace {

/// NaN wherever the mask forbids every pair of a tile.
void mask_tiles(const AttentionTrace& trace, int layer, Thumbnail& picture) {
    const std::vector<KeyRange> ranges = tile_row_ranges(trace, layer, picture.rows);
    const auto num_keys = static_cast<long long>(std::max(1, trace.num_keys()));
    const auto num_cols = static_cast<long long>(picture.cols);
    for (int row = 0; row < picture.rows; ++row) {
        const KeyRange range = ranges[static_cast<std::size_t>(row)];
        const bool is_empty = range.begin >= range.end;
        const int first = is_empty ? picture.cols : static_cast<int>(range.begin * num_cols / num_keys);
        const int last = is_empty ? -1 : static_cast<int>((range.end - 1) * num_cols / num_keys);
        for (int col = 0; col < picture.cols; ++col) {
            if (col >= first && col <= last) continue;
            picture.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(picture.cols) +
                           static_cast<std::size_t>(col)] = kMasked;
        }
    }
}

}  // namespace

namespace {

/// Where a tile is one row, rows that rest have no values: they look like what the mask forbids.
void mask_resting(const WeightedTrace& trace, HeadId head, Thumbnail& picture) {
    if (trace.weights() != WeightsShown::NoSink || picture.rows != trace.num_queries()) return;
    const auto rest = trace.rest(head.layer, head.head);
    picture.is_out.assign(picture.values.size(), false);
    for (std::size_t i = 0; i < picture.values.size(); ++i) {
        const std::size_t row = i / static_cast<std::size_t>(picture.cols);
        if (rest[row].state == RowRest::Shown || std::isnan(picture.values[i])) continue;
        picture.is_out[i] = true;
        picture.values[i] = kMasked;
    }
}

}  // namespace

Thumbnail head_thumbnail(const AttentionTrace& trace, HeadId head) {
    Overview overview = trace.overview(head.layer, head.head);
    Thumbnail out{overview.rows, overview.cols, std::move(overview.max), {}};
    mask_tiles(trace, head.layer, out);
    if (const auto* weighted = dynamic_cast<const WeightedTrace*>(&trace)) mask_resting(*weighted, head, out);
    return out;
}

Thumbnail difference_thumbnail(const AttentionTrace& after, const AttentionTrace& before, HeadId head) {
    Overview now = after.overview(head.layer, head.head), then = before.overview(head.layer, head.head);
    const bool has_cells = now.rows == after.num_queries() && now.cols == after.num_keys();
    Thumbnail out{now.rows, now.cols, has_cells ? std::move(now.max) : std::move(now.mean), {}};
    const std::vector<float>& base = has_cells ? then.max : then.mean;
    for (std::size_t i = 0; i < out.values.size() && i < base.size(); ++i)
        out.values[i] -= base[i];
    mask_tiles(after, head.layer, out);
    return out;
}

void ThumbnailAtlas::start(const Source& source) {
    const AttentionTrace& trace = source.trace;
    text_id_ = source.text_id;
    before_ = source.before;
    line_share_ = source.line_share;
    const auto* weighted = dynamic_cast<const WeightedTrace*>(&trace);
    skips_first_ = !(weighted && weighted->weights() == WeightsShown::NoSink);
    largest_ = 0;
    largest_of_.assign(slots_.grid().size(), 0.0f);
    has_started_ = true;
    next_ = 0;
    rows_ = std::min(trace.num_queries(), kTileSize);
    cols_ = std::min(trace.num_keys(), kTileSize);
    const auto num_cells = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_);
    layer_mean_ = overall_mean_ = ThumbnailMean(num_cells);
    head_means_.assign(static_cast<std::size_t>(slots_.num_heads), ThumbnailMean(num_cells));
}

void ThumbnailAtlas::put_head(const Source& source, HeadId head) {
    const Thumbnail picture = source.before ? difference_thumbnail(source.trace, *source.before, head)
                                            : head_thumbnail(source.trace, head);
    float& largest = largest_of_[slots_.grid().index(head)];
    for (const float value : picture.values) {
        if (std::abs(value) > largest) largest = std::abs(value);  // false for NaN
    }
    largest_ = std::max(largest_, largest);
    set_tile(slots_.head(head), picture);
    layer_mean_.add(picture.values, picture.is_out);
    const bool is_absent = source.trace.is_absent(head.layer);
    if (!is_absent) head_means_[static_cast<std::size_t>(head.head)].add(picture.values, picture.is_out);
    if (head.head + 1 == slots_.num_heads) {
        put_mean(slots_.layer_mean(head.layer), layer_mean_);
        if (!is_absent) overall_mean_.add(layer_mean_);
        layer_mean_ = ThumbnailMean(picture.values.size());
    }
}

void ThumbnailMean::add(const std::vector<float>& values, const std::vector<bool>& is_out) {
    ++count_;
    for (std::size_t i = 0; i < std::min(is_out.size(), num_out_.size()); ++i)
        num_out_[i] += is_out[i] ? 1 : 0;
    for (std::size_t i = 0; i < std::min(values.size(), sum_.size()); ++i) {
        const bool is_there = !std::isnan(values[i]);
        sum_[i] += static_cast<double>(is_there ? values[i] : 0.0f);
        is_seen_[i] |= static_cast<std::uint8_t>(is_there);
    }
}

void ThumbnailMean::add(const ThumbnailMean& other) {
    count_ += other.count_;
    for (std::size_t i = 0; i < std::min(other.sum_.size(), sum_.size()); ++i) {
        sum_[i] += other.sum_[i];
        is_seen_[i] |= other.is_seen_[i];
        num_out_[i] += other.num_out_[i];
    }
}

std::vector<float> ThumbnailMean::values() const {
    std::vector<float> out(sum_.size(), kMasked);
    for (std::size_t i = 0; i < sum_.size(); ++i) {
        if (is_seen_[i] != 0) out[i] = static_cast<float>(sum_[i] / (count_ - num_out_[i]));
    }
    return out;
}

float ThumbnailAtlas::common_range() const {
    std::vector<float> known;
    for (const float value : largest_of_)
        if (value > 0) known.push_back(value);
    if (known.empty()) return 0;
    const auto at = known.begin() + static_cast<std::ptrdiff_t>(known.size() * 9 / 10);
    std::nth_element(known.begin(), at, known.end());
    return *at;
}

void ThumbnailAtlas::put_mean(int slot, const ThumbnailMean& mean) {
    set_tile(slot, {rows_, cols_, mean.values(), {}});
}

void ThumbnailAtlas::set_tile(int slot, const Thumbnail& picture) {
    if (line_share_ <= 0) return atlas_.set_tile(slot, picture.rows, picture.cols, picture.values);
    const Thumbnail lines = line_thumbnail(picture, line_share_ / 100.0, skips_first_);
    atlas_.set_tile(slot, lines.rows, lines.cols, lines.values);
}

Result<bool> ThumbnailAtlas::update(const Source& source, double budget_ms) {
    const AttentionTrace& trace = source.trace;
    const bool fits = slots_.num_layers == trace.num_layers() && slots_.num_heads == trace.num_heads();
    if (!fits || !has_atlas()) {
        slots_ = {trace.num_layers(), trace.num_heads()};
        HEADLIGHT_TRY(atlas_, gfx::HeadAtlas::make(slots_.count(), kTileSize));
        has_started_ = false;
    }
    if (!has_started_ || text_id_ != source.text_id || before_ != source.before ||
        line_share_ != source.line_share)
        start(source);
    const int num_heads = slots_.layer_mean(0);
    const Stopwatch stopwatch;
    const auto is_over_budget = [&] { return stopwatch.milliseconds() > budget_ms; };
    const auto* weighted = dynamic_cast<const WeightedTrace*>(&trace);
    const bool is_plain = weighted == nullptr && line_share_ == 0;
    const int least = next_ + (is_plain ? kLeastPlainHeadsPerFrame : kLeastHeadsPerFrame);
    while (next_ < num_heads && (next_ < least || !is_over_budget())) {
        const HeadId next = slots_.grid().at(static_cast<std::size_t>(next_));
        // The pool is at it; its message brings the next frame.
        if (weighted && !weighted->has_cheap_overview(next.layer, next.head)) return false;
        put_head(source, slots_.grid().at(static_cast<std::size_t>(next_)));
        ++next_;
        if (next_ < num_heads) continue;
        for (int head = 0; head < slots_.num_heads; ++head) {
            put_mean(slots_.head_mean(head), head_means_[static_cast<std::size_t>(head)]);
        }
        put_mean(slots_.overall_mean(), overall_mean_);
    }
    return next_ < num_heads;
}

}  // namespace headlight
