// Finds the tensors of a family's table in a checkpoint, whichever of its spellings the file uses.
#pragma once

#include <string>
#include <vector>

#include "family/family.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// The tensor of a name, or of the name that LayerNorm parameters had in early PyTorch BERTs; null if there
/// is none.
const TensorInfo* find_tensor(const Checkpoint& checkpoint, const std::string& name);

/// The family's prefixes, and none at all.
std::vector<std::string> prefixes_of(const Family& family);

/// Does the file say "transformer.h.0..." or "h.0..."? Decided by the first name of the table that is there.
std::string prefix_in(const Family& family, const std::vector<FileWeight>& table,
                      const Checkpoint& checkpoint);

/// The tensor of an entry under its own name or another one; null if there is none.
const TensorInfo* find_entry(const FileWeight& entry, const std::string& prefix,
                             const Checkpoint& checkpoint);

/// Do two tensors hold the same shape and values, whatever types they are stored in? False where one cannot
/// be read.
bool is_same_tensor(const Checkpoint& checkpoint, const TensorInfo& a, const TensorInfo& b);

/// Name of an entry's tensor in this checkpoint; the entry's own name where it is not there.
std::string stored_name(const Family& family, const FileWeight& entry, const Checkpoint& checkpoint);

}  // namespace headlight
