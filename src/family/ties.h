// Where a config ties the output matrix to the token table, the file decides what that means, as it does in
// the reference library: two tensors with other values are both used, of two copies one, and one alone serves
// as both.
#pragma once

#include <vector>

#include "family/family.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Unties a head of one stack that the file holds with values of its own. Encoder-decoders, which tie more
/// than two tables, do it in their adapt().
void use_own_head(const Family& family, Architecture& arch, const Checkpoint& checkpoint);

/// The family's table for this file: a tied token table that is only there as the head goes by the head's
/// name.
std::vector<FileWeight> tied_file_weights(const Family& family, const Architecture& arch,
                                          const Checkpoint& checkpoint);

}  // namespace headlight
