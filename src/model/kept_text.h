// What the last run of a model left: the work of tokens that the next text may begin with as well.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/run_request.h"
#include "family/architecture.h"
#include "kernel/row_block.h"
#include "kernel/row_tiles.h"

namespace headlight {

struct KeptText {
    std::vector<std::int32_t> ids;            // whose keys, values, rows and states are still good
    int regime = 0;                           // rope_regime() of that text
    std::shared_ptr<const RowLayout> layout;  // of the rows
    std::vector<RowBlockPtr> rows;            // may be fewer than ids: passes that keep nothing add none
    std::vector<RowTilesPtr> tiles;           // of those rows, where q and k are kept
    torch::Tensor states;                     // [ids, D] of forward_to_rows(), a view of
    torch::Tensor states_room;                // append_rows()

    /// Layout of the rows that a request asks for, the kept one where it is the same; null: none are kept.
    std::shared_ptr<const RowLayout> layout_for(const Architecture& arch, const RunRequest& request) const;
    /// How many tokens of a request need no work.
    int reusable_tokens(const Architecture& arch, const RunRequest& request, const RowLayout* wanted) const;
    /// Drops what is past the first `num_tokens`.
    void keep_only(int num_tokens);
};

}  // namespace headlight
