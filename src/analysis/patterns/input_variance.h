// How much a head's pattern depends on the text: variance of each weight over several texts of the same
// length.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

/// Unbiased variance over texts of a[query][key] for each head, mean over the admissible cells of the rows
/// that were valid in every text (reading "across inputs" of attn_variance; low: the head does the same
/// whatever the text). One pass (Welford 1962), mergeable (Chan, Golub and LeVeque 1983), so texts can be
/// taken one by one or in parts.
class InputVariance {
  public:
    /// Takes one text. Errors: InvalidInput (another shape or mask than the texts before), OutOfMemory (more
    /// than kMostBytes would be kept).
    Status add(const AttentionTrace& trace);
    /// Takes the texts of another part. Errors as add().
    Status merge(const InputVariance& other);

    int num_texts() const { return num_texts_; }
    /// nullopt with fewer than two texts, or without a valid row.
    std::optional<double> value(HeadId id) const;

    static constexpr std::size_t kMostBytes = std::size_t{4} << 30;

  private:
    struct Head {
        std::vector<double> mean, squares;  // [admissible cells, row by row]
        std::vector<bool> is_valid;         // [num_queries]
    };
    Status begin(const AttentionTrace& trace);
    bool is_like(const AttentionTrace& trace) const;
    void add_head(const AttentionTrace& trace, HeadId id, Head& head);

    TraceInfo info_;
    std::vector<std::vector<KeyRange>> keys_;  // [layer][query]
    std::vector<Head> heads_;                  // [layer * num_heads + head]
    int num_texts_ = 0;
};

}  // namespace headlight
