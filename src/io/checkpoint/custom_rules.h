// The weight rules of a custom model: regular expressions over tensor names.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

struct WeightRule {
    std::string match;               // regular expression over the whole name
    std::vector<std::string> names;  // with $1 ...; several: the tensor's first axis is cut into equal parts
    bool is_transposed = false;      // stored [in, out]
    bool is_squeezed = false;        // axes of size 1 go
    bool is_skipped = false;
};

/// Errors: Corrupt (not a list of rules, a pattern that is too long, counts repetitions or is no regular
/// expression).
Result<std::vector<WeightRule>> read_weight_rules(const nlohmann::json& list, const std::string& file);

struct RenamedTensors {
    std::vector<TensorInfo> tensors;  // in the order of the file
    std::size_t num_matched = 0;      // tensors that some rule fits
};

/// The first rule that fits a name counts; a tensor that none fits keeps its name. Errors: Unsupported (a
/// tensor that cannot be cut or transposed), Corrupt (rules that take too long).
Result<RenamedTensors> apply_weight_rules(const std::vector<WeightRule>& rules, const Checkpoint& checkpoint,
                                          const std::string& file);

}  // namespace headlight
