#include "kernel/row_block.h"

namespace headlight {

RowBlock::RowBlock(BlockPoolPtr pool, std::shared_ptr<const RowLayout> layout, int num_keys)
    : pool_(std::move(pool)), layout_(std::move(layout)), num_keys_(num_keys) {
    const std::size_t rows = num_rows();
    std::size_t num_values = rows * static_cast<std::size_t>(num_keys_);
    if (!layout_->keeps_weights) {
        const std::size_t kv_rows = layout_->kv_grid().size();
        num_values = (rows + kv_rows) * layout_->head_dim;
    }
    const std::size_t stats_bytes = rows * sizeof(RowStats);
    const std::size_t num_masses = rows * layout_->key_sets.size();
    size_bytes_ = stats_bytes + (num_masses + num_values) * sizeof(float);
    memory_ = pool_->take(size_bytes_);
    stats_ = static_cast<RowStats*>(memory_);
    masses_ = reinterpret_cast<float*>(static_cast<std::byte*>(memory_) + stats_bytes);
    values_ = masses_ + num_masses;
}

RowBlock::~RowBlock() {
    pool_->give(memory_, size_bytes_);
}

}  // namespace headlight
