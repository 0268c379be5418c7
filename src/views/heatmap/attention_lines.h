// Single rows and columns of the chosen heads' mean, kept while the views ask for the same ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "core/selection.h"
#include "session/snapshot.h"
#include "views/derived_values.h"
#include "views/format.h"

namespace headlight {

/// The chosen head and those added with shift.
std::vector<HeadId> selected_heads(const Selection& selection);

/// Mean over `heads` of one row into `out` [num_keys]. Exact whatever the storage.
void mean_attention_row(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query,
                        std::vector<float>& out);

/// Matrices of so long a text are never held whole: their pictures are tiles of what is in sight.
inline bool is_long_picture(int num_queries, int num_keys) {
    return std::max(num_queries, num_keys) > kMostPyramidTokens;
}

/// Keys that at least one of the heads' layers may see.
KeyRange visible_keys(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query);

/// Why none of the heads lets `query` see `key`.
MaskReason mask_reason(const AttentionTrace& trace, const std::vector<HeadId>& heads, int query, int key);

/// What a row of weights gives to no token of the text; 0 unless the trace has a learned sink.
double sink_share(const AttentionTrace& trace, std::span<const float> row);

class AttentionLines {
  public:
    /// What `query` gives to every key; empty when there is no text or the query does not exist.
    std::span<const float> row(const Snapshot& snapshot, const std::vector<HeadId>& heads, int query);
    /// What `key` receives from every query; empty until the heads' pyramid is there, or the column of a long
    /// text.
    std::span<const float> column(const Snapshot& snapshot, DerivedValues& values,
                                  const std::vector<HeadId>& heads, int key);

  private:
    struct Line {
        std::uint64_t text_id = 0, last_use = 0;
        std::vector<HeadId> heads;
        int token = -1;
        bool is_column = false;
        std::vector<float> weights;
    };
    Line& slot(std::uint64_t text_id, const std::vector<HeadId>& heads, int token, bool is_column,
               bool& is_new);
    std::vector<Line> lines_;
    std::uint64_t clock_ = 0;
};

}  // namespace headlight
