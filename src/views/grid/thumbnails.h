// The head grid's pictures: every head's overview with structural zeros marked, and means over heads and
// layers.
#pragma once

#include <cstdint>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"
#include "gfx/head_atlas.h"

namespace headlight {

/// [rows, cols] values of one tile; NaN where the mask forbids every pair of the tile.
struct Thumbnail {
    int rows = 0, cols = 0;
    std::vector<float> values;
    std::vector<bool> is_out;  // [rows, cols] cells of rows that rest: no values; empty: none
};

/// Largest weight of each tile of a head.
Thumbnail head_thumbnail(const AttentionTrace& trace, HeadId head);

/// After minus before of each tile: of the weights where a tile is one cell, else of the tiles' means.
Thumbnail difference_thumbnail(const AttentionTrace& after, const AttentionTrace& before, HeadId head);

/// Slots of the atlas: heads by [layer, head], then the mean of each layer, the mean of each head index, all
/// heads.
struct ThumbnailSlots {
    int num_layers = 0, num_heads = 0;
    HeadGrid grid() const { return {num_layers, num_heads}; }
    int head(HeadId id) const { return static_cast<int>(grid().index(id)); }
    int layer_mean(int layer) const { return static_cast<int>(grid().size()) + layer; }
    int head_mean(int head) const { return layer_mean(num_layers) + head; }
    int overall_mean() const { return head_mean(num_heads); }
    int count() const { return overall_mean() + 1; }
};

/// Mean of pictures of one size. What one of them masks counts as no attention; what all mask stays masked;
/// rows that rest are out of it.
class ThumbnailMean {
  public:
    explicit ThumbnailMean(std::size_t num_cells = 0)
        : sum_(num_cells), is_seen_(num_cells), num_out_(num_cells) {}
    void add(const std::vector<float>& values, const std::vector<bool>& is_out = {});
    /// The pictures of another mean.
    void add(const ThumbnailMean& other);
    /// NaN where every picture is masked, and everywhere without a picture.
    std::vector<float> values() const;

  private:
    std::vector<double> sum_;
    std::vector<std::uint8_t> is_seen_;
    std::vector<int> num_out_;  // pictures that have no value there
    int count_ = 0;
};

/// Fills an atlas a few heads a frame, so that no frame waits for a thousand of them.
class ThumbnailAtlas {
  public:
    /// What the thumbnails are made of; with `before` they are differences to it.
    struct Source {
        const AttentionTrace& trace;
        std::uint64_t text_id = 0;
        const AttentionTrace* before = nullptr;
        int line_share = 0;  // > 0: as lines that hold so many per cent of a row
    };
    /// Starts over when the source changed; then goes on for at most `budget_ms`. True while more is to come.
    /// Errors: of the atlas (too many heads for the driver).
    Result<bool> update(const Source& source, double budget_ms);
    /// Largest distance of a head's value from zero so far: the range of differences.
    float largest() const { return largest_; }
    /// What nine heads of ten stay below: the range of values without a natural one, so that one head with
    /// huge values does not darken all others.
    float common_range() const;
    float largest_of(HeadId head) const { return largest_of_[slots_.grid().index(head)]; }

    const gfx::HeadAtlas& atlas() const { return atlas_; }
    const ThumbnailSlots& slots() const { return slots_; }
    bool has_atlas() const { return atlas_.num_tiles() > 0; }

  private:
    void start(const Source& source);
    void put_head(const Source& source, HeadId head);
    void put_mean(int slot, const ThumbnailMean& mean);
    void set_tile(int slot, const Thumbnail& picture);

    gfx::HeadAtlas atlas_;
    ThumbnailSlots slots_;
    std::uint64_t text_id_ = 0;
    const AttentionTrace* before_ = nullptr;  // only compared, never read
    float largest_ = 0;
    std::vector<float> largest_of_;  // [layer, head]
    bool has_started_ = false, skips_first_ = false;
    int line_share_ = 0;
    int next_ = 0;  // slots done, in the order of ThumbnailSlots
    int rows_ = 0, cols_ = 0;
    ThumbnailMean layer_mean_;               // of the running layer
    std::vector<ThumbnailMean> head_means_;  // [head], over the layers that have attention
    ThumbnailMean overall_mean_;
};

}  // namespace headlight
