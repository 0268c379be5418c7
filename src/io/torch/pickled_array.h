// An array of NumPy inside a pickle.
#pragma once

#include "io/checkpoint/checkpoint.h"
#include "io/torch/pickle.h"

namespace headlight {

/// Numbers of a node of kind Array, in a copy. Errors: Corrupt (sizes that do not fit the bytes), Unsupported
/// (element type), each with the name.
Result<TensorInfo> pickled_array(const PickleTree& tree, const PickleNode& node, const std::string& name,
                                 const std::string& file);

}  // namespace headlight
