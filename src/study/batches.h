// How many texts go through a model at once.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/model_runner.h"

namespace headlight {

/// Counts the texts of a batch: rows for every thread's products, and traces that fit into memory together.
class BatchBudget {
  public:
    BatchBudget(const ModelSpec& spec, int num_threads)
        : heads_(spec.grid().size()),
          most_rows_(static_cast<std::size_t>(kRowsPerStack) *
                     static_cast<std::size_t>(std::max(1, num_threads))) {}

    /// True when a text of so many tokens has its place in the batch, and is counted; the first one always
    /// has.
    bool take(std::size_t num_tokens) {
        constexpr std::size_t kMostBytes = std::size_t{1} << 30;
        const std::size_t weights = heads_ * num_tokens * (num_tokens + 1) / 2 * sizeof(float);
        const std::size_t bytes = std::min(weights, RunRequest().dense_budget_bytes);
        if (rows_ > 0 && (rows_ + num_tokens > most_rows_ || bytes_ + bytes > kMostBytes)) return false;
        rows_ += num_tokens;
        bytes_ += bytes;
        return true;
    }

  private:
    std::size_t heads_, most_rows_, rows_ = 0, bytes_ = 0;
};

}  // namespace headlight
