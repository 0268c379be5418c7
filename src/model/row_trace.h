// The engine's AttentionTrace: one shared block per query row.
#pragma once

#include <vector>

#include "model/architecture.h"
#include "model/row_block.h"

namespace headlight {

/// A trace of rows.size() queries over `num_keys` keys. Safe from any thread; never calls LibTorch.
TracePtr make_row_trace(const Architecture& arch, std::vector<RowBlockPtr> rows, int num_keys);

}  // namespace headlight
