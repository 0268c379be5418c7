#include "analysis/flow/flow_rows.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

/// Scales to sum 1; false and all zeros when the sum is 0 or not finite.
bool scale_to_one(std::span<double> row) {
    double sum = 0;
    for (const double weight : row)
        sum += weight;
    const bool is_valid = std::isfinite(sum) && sum > 0;
    for (double& weight : row)
        weight = is_valid ? weight / sum : 0.0;
    return is_valid;
}

}  // namespace

FlowRows::FlowRows(const AttentionTrace& trace, const Matrix* value_norms)
    : trace_(trace),
      value_norms_(value_norms),
      num_keys_(static_cast<std::size_t>(trace.num_keys())),
      rows_(kFlowBlock * num_keys_),
      scaled_(num_keys_),
      means_(kFlowBlock * num_keys_) {}

void FlowRows::read(int layer, int begin, int end) {
    const std::size_t size = static_cast<std::size_t>(end - begin) * num_keys_;
    std::fill_n(means_.begin(), size, 0.0);
    for (int head = 0; head < trace_.num_heads(); ++head) {
        trace_.rows(layer, head, begin, end, std::span(rows_).first(size));
        if (value_norms_ == nullptr)
            add_plain(size);
        else
            add_weighted(value_norms_->row(static_cast<std::int64_t>(trace_.grid().index({layer, head}))),
                         end - begin);
    }
    for (int r = 0; r < end - begin; ++r)
        scale_to_one(std::span(means_).subspan(static_cast<std::size_t>(r) * num_keys_, num_keys_));
}

void FlowRows::add_plain(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        means_[i] += rows_[i];
}

void FlowRows::add_weighted(std::span<const float> norms, int num_rows) {
    for (std::size_t r = 0; r < static_cast<std::size_t>(num_rows); ++r) {
        for (std::size_t key = 0; key < num_keys_; ++key)
            scaled_[key] = static_cast<double>(rows_[r * num_keys_ + key]) * norms[key];
        if (!scale_to_one(scaled_)) continue;
        for (std::size_t key = 0; key < num_keys_; ++key)
            means_[r * num_keys_ + key] += scaled_[key];
    }
}

}  // namespace headlight
