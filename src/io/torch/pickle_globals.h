// The names of Python that mean data in a pickle. Any other is code.
#pragma once

#include <optional>
#include <string_view>

#include "io/checkpoint/checkpoint.h"
#include "io/torch/pickle.h"

namespace headlight {

/// True for names that stand for data: containers, torch's storages, dtypes and tensor constructors, NumPy's
/// arrays.
bool is_known_global(std::string_view name);
/// True for names that run programs, read files or reach other code ("posix.system", "builtins.eval"):
/// whoever put one into a file meant harm, and whoever loads it elsewhere would suffer it.
bool is_dangerous_global(std::string_view name);

/// What a call of a known global gives. Nothing is executed: "collections.OrderedDict" becomes a Dict,
/// "torch._utils._rebuild_tensor_v2" a Tensor. Errors: Corrupt (arguments of another form).
Result<PickleNode> evaluate_global(const PickleTree& tree, std::string_view name,
                                   const std::vector<PickleId>& arguments);

/// Element type of "torch.FloatStorage" or "torch.float32".
std::optional<DType> torch_dtype(std::string_view global);

}  // namespace headlight
