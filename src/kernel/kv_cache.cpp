#include "kernel/kv_cache.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/kernel_isa.h"

namespace headlight {

KvCache::KvCache(const AttentionShape& shape)
    : num_kv_heads_(shape.num_kv_heads),
      head_dim_(shape.head_dim),
      value_columns_((shape.head_dim + kPanel - 1) / kPanel * kPanel),
      layers_(static_cast<std::size_t>(shape.num_layers)) {}

KvCache::Floats KvCache::make(std::int64_t count) {
    const std::size_t bytes = (static_cast<std::size_t>(count) * sizeof(float) + 63) / 64 * 64;
    void* memory = std::aligned_alloc(64, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return Floats(static_cast<float*>(memory));
}

void KvCache::reserve(int num_tokens, int num_kept) {
    if (num_tokens <= capacity_) return;
    // More than is needed, so that typing at the end does not move everything at each token; of a long text
    // not by gigabytes.
    constexpr int kLeastMore = 64, kMostMore = 2048;
    const int wanted = std::max(num_tokens + kLeastMore, capacity_ + std::min(kMostMore, capacity_ / 2));
    const int capacity = (wanted + kPanel - 1) / kPanel * kPanel;
    const std::int64_t old_keys = head_floats(head_dim_), old_value_panel = value_stride();
    const std::int64_t kept_keys = std::int64_t{(num_kept + kPanel - 1) / kPanel} * head_dim_ * kPanel;
    for (Layer& layer : layers_) {
        Floats keys = make(std::int64_t{capacity} * head_dim_ * num_kv_heads_);
        Floats values = make(std::int64_t{capacity} * value_columns_ * num_kv_heads_);
        for (int head = 0; num_kept > 0 && head < num_kv_heads_; ++head) {
            std::copy_n(layer.keys.get() + head * old_keys, kept_keys,
                        keys.get() + head * std::int64_t{capacity} * head_dim_);
            for (int p = 0; p < num_value_panels(); ++p) {
                const std::int64_t panel = std::int64_t{head} * num_value_panels() + p;
                std::copy_n(layer.values.get() + panel * old_value_panel, std::int64_t{num_kept} * kPanel,
                            values.get() + panel * capacity * kPanel);
            }
        }
        layer = {std::move(keys), std::move(values)};
    }
    capacity_ = capacity;
}

}  // namespace headlight
