// The matrix that the heatmap shows: of one head or the mean of several, on the CPU for numbers and on the
// GPU.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gfx/heatmap_matrix.h"
#include "gfx/heatmap_renderer.h"
#include "views/derived_values.h"
#include "views/view.h"

namespace headlight {

/// One level of a difference, pooled by the value farthest from zero.
struct DifferenceLevel {
    int rows = 0, cols = 0, cell = 1;
    std::vector<float> values;  // [rows, cols]
};
/// Finest first, each half the size of the one before, down to at most 64 a side. `cells` is [rows, cols].
std::vector<DifferenceLevel> difference_levels(int rows, int cols, const std::vector<float>& cells);

/// How the values of a source become colours.
struct HeatLook {
    gfx::ValueScale scale;
    std::span<const std::uint8_t> colormap;
    bool is_signed = false;      // blue below zero, rose above: differences and effects
    bool is_difference = false;  // after minus before
    WeightsShown weights = WeightsShown::Raw;
    float largest = 1;  // distance of a cell from zero; 1 for shares
};

class HeatSource {
  public:
    /// Follows text, heads and what is compared. Short texts are exact at once; of long ones the overview
    /// stands in until the pyramid is there. Without `has_gl` only the CPU side is made.
    void update(const Snapshot& snapshot, DerivedValues& values, const std::vector<HeadId>& heads,
                bool has_gl);

    /// Of a long text: asks for the tiles of what is in sight, finer than those of the whole. Call it with
    /// what the picture shows before it is drawn.
    void look_at(DerivedValues& values, const gfx::CellRect& visible, bool has_gl);

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    /// Every cell is known, or pooled into tiles of cell() tokens a side; else matrix() holds the overview's
    /// tiles.
    bool is_exact() const { return is_exact_; }
    /// Tokens a side of what matrix() holds at its finest: more than 1 where a long text is seen from afar.
    int cell() const { return is_in_sight_ ? in_sight_->area.cell : whole_ ? whole_->area.cell : 1; }
    /// Finer tiles of what is in sight are being made.
    bool is_refining() const { return is_refining_; }
    double progress() const { return progress_; }
    const std::string& failure() const { return failure_; }
    /// Cells are after minus before; there is no picture until both are known.
    bool is_difference() const { return before_id_ != 0; }
    WeightsShown weights() const { return weights_; }
    bool is_signed() const { return is_difference() || weights_ == WeightsShown::Effect; }
    /// Values are shares of a row.
    bool has_shares() const { return weights_ == WeightsShown::Raw || weights_ == WeightsShown::NoSink; }
    /// Largest distance of a cell from zero: of the exact cells, else of the overview's tiles.
    float largest() const { return largest_; }
    /// Of one head: what its rows sum to (effects), or what was taken out of them (no sink); else empty.
    const std::vector<float>& row_sums() const { return row_sums_; }
    /// |sum| over the sum of sizes of a row of effects.
    double row_kept(int query) const;
    /// The row has no values: every chosen head rests there.
    bool rests(int query) const { return !rests_.empty() && rests_[static_cast<std::size_t>(query)]; }
    /// Keys that are taken out.
    const std::vector<int>& sink_keys() const { return sink_keys_; }
    gfx::KeyRange range(int query) const { return ranges_[static_cast<std::size_t>(query)]; }
    /// Weight (or difference) of a cell; nothing while it is not exact.
    std::optional<float> value(int query, int key) const;
    bool is_masked(int query, int key) const;
    bool has_matrix() const { return matrix_.rows() > 0 && (!is_difference() || is_exact_); }
    /// Of the whole text; what is drawn is picture().
    const gfx::HeatmapMatrix& matrix() const { return matrix_; }
    /// The whole, or the tiles of what is in sight.
    const gfx::HeatmapMatrix& picture() const { return is_in_sight_ ? matrix_in_sight_ : matrix_; }
    /// A part of the text in the cells of picture().
    gfx::CellRect in_picture(const gfx::CellRect& part) const;
    /// The same in those of matrix().
    gfx::CellRect in_matrix(const gfx::CellRect& part) const;

  private:
    void start(const Snapshot& snapshot, const std::vector<HeadId>& heads);
    void use_overview(const AttentionTrace& trace, const std::vector<HeadId>& heads, bool has_gl);
    void use_difference(const Snapshot& snapshot, DerivedValues& values, bool has_gl);
    void use_pyramid(std::shared_ptr<const TilePyramid> pyramid, bool has_gl);
    void use_cells(std::vector<float> cells, bool has_gl);
    std::optional<float> value_in_sight(int query, int key) const;
    void use_tiles(DerivedValues& values, bool has_gl);
    void measure_rows(const Snapshot& snapshot);
    Result<gfx::HeatmapMatrix> upload(const TileMap& map) const;

    std::uint64_t text_id_ = 0, before_id_ = 0;  // before_id_: 0 unless it is a difference
    WeightsShown weights_ = WeightsShown::Raw;
    float largest_ = 0;
    std::vector<float> row_sums_;   // [rows] or empty
    std::vector<bool> rests_;       // [rows] or empty
    std::vector<float> num_shown_;  // [rows] heads that do not rest there, or empty
    std::vector<int> sink_keys_;
    std::vector<HeadId> heads_;
    int rows_ = 0, cols_ = 0;
    bool is_exact_ = false;
    double progress_ = -1;
    std::string failure_;
    std::vector<gfx::KeyRange> ranges_;           // [rows]
    std::vector<float> cells_;                    // [rows, cols] when exact from the overview
    std::shared_ptr<const TilePyramid> pyramid_;  // when exact from the pyramid
    gfx::HeatmapMatrix matrix_;
    // Of a long text.
    std::shared_ptr<const TileMap> whole_, in_sight_;
    gfx::HeatmapMatrix matrix_in_sight_;
    bool is_in_sight_ = false, is_refining_ = false;
};

/// `hi`: the value that gets the last colour; of a difference, the share of its largest value that does.
HeatLook heat_look(const Settings& settings, const HeatSource& source, float hi);

}  // namespace headlight
