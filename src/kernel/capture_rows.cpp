#include "kernel/capture_rows.h"

namespace headlight {
std::shared_ptr<const RowLayout> make_row_layout(const AttentionShape& shape, CaptureMode capture,
                                                 std::size_t num_tokens, std::size_t dense_budget_bytes,
                                                 std::span<const KeySet> key_sets) {
    if (capture == CaptureMode::None) return nullptr;
    RowLayout layout{shape.num_layers, shape.num_heads, shape.num_kv_heads, shape.head_dim};
    const auto tokens = static_cast<double>(num_tokens);
    const double dense =
        tokens * (shape.is_causal ? (tokens + 1) / 2 : tokens) * shape.num_layers * shape.num_heads * 4;
    layout.keeps_weights = capture == CaptureMode::Weights || shape.must_keep_weights ||
                           (capture == CaptureMode::Auto && dense <= static_cast<double>(dense_budget_bytes));
    for (const KeySet& set : key_sets)
        layout.key_sets.push_back(set.id);
    return std::make_shared<const RowLayout>(std::move(layout));
}

std::vector<std::shared_ptr<RowBlock>> make_rows(const AttentionShape& shape, const BlockPoolPtr& pool,
                                                 const std::shared_ptr<const RowLayout>& layout, int begin,
                                                 int end, int num_cross_keys) {
    std::vector<std::shared_ptr<RowBlock>> rows;
    for (int i = begin; layout && i < end; ++i) {
        const int num_keys = num_cross_keys > 0 ? num_cross_keys : shape.is_causal ? i + 1 : end;
        rows.push_back(std::make_shared<RowBlock>(pool, layout, num_keys));
    }
    return rows;
}

}  // namespace headlight
