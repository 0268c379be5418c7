// Which rows a pass keeps, and in what form: shared by the runner and by ablations.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "core/run_request.h"
#include "kernel/attention_shape.h"
#include "kernel/row_block.h"

namespace headlight {

/// Layout of the rows of a text of `num_tokens`: weights while they fit the budget (Auto), q and k above.
/// Null for None.
std::shared_ptr<const RowLayout> make_row_layout(const AttentionShape& shape, CaptureMode capture,
                                                 std::size_t num_tokens, std::size_t dense_budget_bytes,
                                                 std::span<const KeySet> key_sets);

/// Rows of the queries [begin, end) of a text of `end` tokens, not yet filled; over its own keys, or over
/// `num_cross_keys` of another text.
std::vector<std::shared_ptr<RowBlock>> make_rows(const AttentionShape& shape, const BlockPoolPtr& pool,
                                                 const std::shared_ptr<const RowLayout>& layout, int begin,
                                                 int end, int num_cross_keys = 0);

/// The same pointers as a CapturePlan takes them: rows, or their tiles.
template <class T>
std::vector<T*> plain_pointers(const std::vector<std::shared_ptr<T>>& shared) {
    std::vector<T*> plain;
    plain.reserve(shared.size());
    for (const std::shared_ptr<T>& one : shared)
        plain.push_back(one.get());
    return plain;
}

}  // namespace headlight
