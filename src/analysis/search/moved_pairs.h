// Nulls of a search: the same pairs in other places, made once for all heads that share a mask.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/search/head_fit.h"
#include "analysis/search/pair_template.h"

namespace headlight {

/// Pairs in many other places. A head is compared by the mass that it gives them and by that mass above
/// chance in units of each row's own spread, (mass - m A) / (sd sqrt(m (1 - m / n))): rows near the start of
/// a causal text have few keys and large weights, so without the second every head would fit a drawing there.
class MovedPairs {
  public:
    /// Every pair (i, j) at (i + s mod T, j + s mod T), where the mask still allows it: distances stay, the
    /// tokens under them change. `shifts` of 1 .. T - 1.
    static MovedPairs along_diagonal(const MaskedTemplate& masked, const std::vector<std::uint32_t>& shifts,
                                     bool is_causal);
    /// The pairs of each row given to another row with a similar number of keys (within 25 %), in `count`
    /// orders.
    static MovedPairs among_rows(const MaskedTemplate& masked, int count, std::uint64_t seed);

    /// Other places that hold a row which can be scored.
    int count() const { return std::max(0, static_cast<int>(row_begin_.size()) - 2); }
    /// Some place holds other pairs than the drawing.
    bool is_changed() const { return is_changed_; }
    /// Runs of keys in all places: what a head costs.
    std::size_t num_runs() const { return runs_.size(); }

    /// (1 + places where the head does at least as well) / (1 + places); nullopt without a row or a place.
    std::optional<double> p_value(const SearchRows& rows) const;

  private:
    struct Row {
        std::uint32_t query = 0, run_begin = 0, run_end = 0;
        float num_pairs = 0, scale = 0;  // 1 / sqrt(m (1 - m / n))
    };
    struct Fit {
        double mass = 0, excess = 0;
        int num_rows = 0;
    };
    MovedPairs() : row_begin_{0} {}
    void add_row(std::uint32_t query, KeyRun admissible, std::vector<KeyRun>& runs);
    void end_place(const MovedPairs* original);
    static MovedPairs original_of(const MaskedTemplate& masked);
    Fit fit(const SearchRows& rows, std::size_t place) const;

    // [0]: the drawing itself, then the others.
    std::vector<std::size_t> row_begin_;
    std::vector<Row> rows_;
    std::vector<KeyRun> runs_;
    bool is_changed_ = false;
};

}  // namespace headlight
