#include "model/kept_text.h"

#include <algorithm>

#include "kernel/capture_rows.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/rope.h"

namespace headlight {

std::shared_ptr<const RowLayout> KeptText::layout_for(const Architecture& arch,
                                                      const RunRequest& request) const {
    auto wanted = make_row_layout(attention_shape_of(arch), request.capture, request.ids.size(),
                                  request.dense_budget_bytes, request.key_sets);
    return wanted && layout && *layout == *wanted ? layout : wanted;
}

int KeptText::reusable_tokens(const Architecture& arch, const RunRequest& request,
                              const RowLayout* wanted) const {
    const int num_tokens = static_cast<int>(request.ids.size());
    if (!request.may_reuse_prefix || request.wants_hidden) return 0;
    if (regime != rope_regime(arch, num_tokens)) return 0;
    const auto differs = std::mismatch(ids.begin(), ids.end(), request.ids.begin(), request.ids.end()).first;
    int same = static_cast<int>(differs - ids.begin());
    // Rows of an encoder see those after them, a convolution reads rows that are not kept.
    const bool is_whole = !arch.is_causal || !arch.is_convolved.empty();
    if (is_whole && (same != num_tokens || ids.size() != request.ids.size())) return 0;
    if (wanted != nullptr) {
        if (!layout || !(*layout == *wanted)) return 0;
        same = std::min(same, static_cast<int>(rows.size()));
        if (!wanted->keeps_weights) same = rows_with_tiles(tiles, same);
    }
    return same;
}

void KeptText::keep_only(int num_tokens) {
    const auto count = static_cast<std::size_t>(num_tokens);
    ids.resize(count);
    if (rows.size() > count) rows.resize(count);
    keep_tiles(tiles, static_cast<int>(rows.size()));
    states = num_tokens > 0 ? states.slice(0, 0, num_tokens) : torch::Tensor();
}

}  // namespace headlight
