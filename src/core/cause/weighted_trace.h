// The attention of a text as one of the weights shown (causal.md a): a trace over another one.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/attention_trace.h"
#include "core/cause/cell_factors.h"

namespace headlight {

class GroupedTrace;

/// What is left of a row without its sink keys.
enum class RowRest {
    Shown,    // enough: its values sum to 1
    Resting,  // under kLeastRest: no values
    NoKeys,   // the row sees no other key (row 0 of a causal text)
};

/// A row whose other keys hold less than this rests: what is left would be a picture of noise.
inline constexpr float kLeastRest = 0.05f;

/// Rows hold A_ij key_j query_i, or without the sink A_ij over what is left of row i. Where a row has no
/// values, rows() gives 0 and rest() says why; statistics of such rows are invalid (num_keys 0). Overviews
/// are made of what is shown when they are asked for, and kept.
class WeightedTrace final : public AttentionTrace {
  public:
    /// `is_sink` [num_keys]: keys that are taken out. Throws std::invalid_argument when the sizes differ.
    static std::shared_ptr<const WeightedTrace> without_sink(TracePtr trace, std::vector<bool> is_sink);
    /// Value, Norm or Effect. Throws std::invalid_argument when the factors do not fit.
    static std::shared_ptr<const WeightedTrace> with_factors(TracePtr trace, WeightsShown weights,
                                                             std::shared_ptr<const CellFactors> factors);

    /// What a trace of tokens shows, gathered into units: to a unit the sum of its values, from a unit their
    /// mean, so without the sink over the rows that have any. `raw`: the plain weights between these units.
    static std::shared_ptr<const WeightedTrace> between_units(std::shared_ptr<const WeightedTrace> tokens,
                                                              std::shared_ptr<const GroupedTrace> raw);

    WeightsShown weights() const { return weights_; }
    bool is_signed() const { return weights_ == WeightsShown::Effect; }
    /// "": shares of 1.
    std::string_view unit() const {
        return of_tokens_ ? of_tokens_->unit() : factors_ ? factors_->unit : std::string_view();
    }
    const TracePtr& raw() const { return raw_; }
    /// Null without the sink, and between units.
    const CellFactors* factors() const { return factors_.get(); }
    bool is_sink(int key) const { return !is_sink_.empty() && is_sink_[static_cast<std::size_t>(key)]; }
    struct RowRestOf {
        RowRest state = RowRest::Shown;
        float removed = 0;  // mass that the sink keys hold
    };
    /// State of every row of a head, [num_queries]. All Shown but without the sink.
    std::vector<RowRestOf> rest(int layer, int head) const;
    RowRestOf rest_of(int layer, int head, int query) const;
    /// overview() costs no more than reading the weights: it is made already, or the weights are kept.
    bool has_cheap_overview(int layer, int head) const;

    const TraceInfo& info() const override { return info_; }
    void rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const override;
    void row_stats(int layer, int head, std::span<RowStats> out) const override;
    bool key_set_mass(const std::string&, int, int, std::span<float>) const override { return false; }
    /// `max` of signed values is the one farthest from zero.
    Overview overview(int layer, int head) const override;
    std::size_t size_bytes() const override;
    KeyRange admissible(int layer, int query) const override { return raw_->admissible(layer, query); }
    void even_rows(int layer, int query_begin, int query_end, std::span<float> out) const override {
        raw_->even_rows(layer, query_begin, query_end, out);
    }
    int mask_of(int layer) const override { return raw_->mask_of(layer); }

  private:
    WeightedTrace(TracePtr trace, WeightsShown weights);
    RowRestOf rest_between(const std::vector<RowRestOf>& tokens, int query) const;
    RowRestOf shape_row(int layer, int head, int query, std::span<float> row) const;

    TracePtr raw_;
    TraceInfo info_;
    WeightsShown weights_;
    std::vector<bool> is_sink_;                       // [num_keys] or empty
    std::shared_ptr<const CellFactors> factors_;      // null without the sink
    std::shared_ptr<const WeightedTrace> of_tokens_;  // null: queries and keys are tokens
    std::shared_ptr<const GroupedTrace> gathered_;    // of that
    mutable std::mutex mutex_;
    mutable std::vector<std::shared_ptr<const Overview>> overviews_;  // [layer, head], null: not made yet
};

using WeightedPtr = std::shared_ptr<const WeightedTrace>;

/// |sum| / sum of sizes of a row of signed values: 1 where all keys agree, 0 where they cancel; 0 for a row
/// of zeros.
double kept_share(std::span<const float> row);

}  // namespace headlight
