// Rows that every flow method reads: one row per query, the heads of a layer taken together.
#pragma once

#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "core/matrix.h"

namespace headlight {

inline constexpr int kFlowBlock = 64;  // queries that are read at a time

/// Mean over heads of the weights of some queries, rows scaled to sum 1; a row without any finite weight is
/// all 0. With value norms |f_j| the row of each head is a_ij |f_j| scaled to sum 1 first (Kobayashi et al.
/// 2020), so that a head that rests on keys without content does not outvote the others.
class FlowRows {
  public:
    /// `value_norms` [num_layers * num_heads, num_keys] or null; both must outlive this.
    FlowRows(const AttentionTrace& trace, const Matrix* value_norms);

    /// Reads queries [begin, end) of a layer, at most kFlowBlock.
    void read(int layer, int begin, int end);
    /// Row of query begin + r, [num_keys].
    std::span<const double> row(int r) const {
        return {means_.data() + static_cast<std::size_t>(r) * num_keys_, num_keys_};
    }

  private:
    void add_plain(std::size_t size);
    void add_weighted(std::span<const float> norms, int num_rows);

    const AttentionTrace& trace_;
    const Matrix* value_norms_;
    std::size_t num_keys_;
    std::vector<float> rows_;     // [kFlowBlock, num_keys] of one head
    std::vector<double> scaled_;  // [num_keys] one weighted row
    std::vector<double> means_;   // [kFlowBlock, num_keys]
};

}  // namespace headlight
