#include "kernel/row_block.h"

namespace headlight {

RowBlock::RowBlock(BlockPoolPtr pool, std::shared_ptr<const RowLayout> layout, int num_keys, int tile_width)
    : pool_(std::move(pool)), layout_(std::move(layout)), num_keys_(num_keys), tile_width_(tile_width) {
    const std::size_t rows = num_rows();
    std::size_t num_values = rows * static_cast<std::size_t>(num_keys_);
    if (!layout_->keeps_weights) {
        num_tiles_ = (num_keys_ + tile_width_ - 1) / tile_width_;
        const std::size_t kv_rows = layout_->kv_grid().size();
        num_values = (rows + kv_rows) * layout_->head_dim;
    }
    const std::size_t stats_bytes = rows * sizeof(RowStats);
    const std::size_t num_masses = rows * layout_->key_sets.size();
    const std::size_t num_tile_values = rows * 2 * static_cast<std::size_t>(num_tiles_);
    size_bytes_ = stats_bytes + (num_masses + num_tile_values + num_values) * sizeof(float);
    memory_ = pool_->take(size_bytes_);
    stats_ = static_cast<RowStats*>(memory_);
    masses_ = reinterpret_cast<float*>(static_cast<std::byte*>(memory_) + stats_bytes);
    tiles_ = masses_ + num_masses;
    values_ = tiles_ + num_tile_values;
}

RowBlock::~RowBlock() {
    pool_->give(memory_, size_bytes_);
}

}  // namespace headlight
