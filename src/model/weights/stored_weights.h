// Matrices of a checkpoint as products take them: where their bytes lie and in which order.
#pragma once

#include <optional>

#include "family/family.h"
#include "io/checkpoint/checkpoint.h"
#include "kernel/product/stored_matrix.h"

namespace headlight {

/// The matrices of a tensor under `entry`, [experts * out, in], where their bytes are rows of a known type;
/// nullopt: its values have to be made first. A matrix in half precision that is stored [in, out] is turned
/// once, in its own type.
std::optional<StoredMatrix> stored_matrix(const Checkpoint& checkpoint, const TensorInfo& info,
                                          const FileWeight& entry);

/// Rows of `whole` that slot number `index` of a fused tensor takes: `rows[i]` are the rows of slot i, which
/// lie in `num_groups` groups one after the other.
StoredMatrix part_of_fused(const StoredMatrix& whole, std::span<const std::int64_t> rows, std::size_t index,
                           int num_groups);

}  // namespace headlight
