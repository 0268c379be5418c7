// Keys and values of the last text, laid out in panels as the kernel reads them; what makes an edit of the
// tail cheap.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "kernel/attention_shape.h"

namespace headlight {

class KvCache {
  public:
    explicit KvCache(const AttentionShape& shape);

    /// Makes room for `num_tokens`, keeping the first `num_kept`. Throws std::bad_alloc.
    void reserve(int num_tokens, int num_kept);
    int capacity() const { return capacity_; }

    /// [capacity / 16, head_dim, 16]
    float* keys(int layer, int kv_head) {
        return layers_[static_cast<std::size_t>(layer)].keys.get() + kv_head * head_floats(head_dim_);
    }
    /// [value panels, capacity, 16]
    float* values(int layer, int kv_head) {
        return layers_[static_cast<std::size_t>(layer)].values.get() + kv_head * head_floats(value_columns_);
    }
    std::int64_t value_stride() const { return std::int64_t{capacity_} * 16; }
    int num_value_panels() const { return value_columns_ / 16; }

  private:
    struct Free {
        void operator()(float* p) const { std::free(p); }
    };
    using Floats = std::unique_ptr<float[], Free>;
    struct Layer {
        Floats keys, values;
    };
    static Floats make(std::int64_t count);
    std::int64_t head_floats(int columns) const { return std::int64_t{capacity_} * columns; }

    int num_kv_heads_, head_dim_, value_columns_, capacity_ = 0;
    std::vector<Layer> layers_;
};

}  // namespace headlight
