// The weights of a model among everything else that a file holds, under the names that its family gives them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "family/family.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// The checkpoint with its model's weights under the names of the family. What wrappers put into a name
/// ("module.", "_orig_mod.") goes, and so does what stands in front of the largest set of tensors that fits
/// the config ("student.", "model."). Tensors outside of that set, and those in it that no attention needs
/// (heads of another kind, metrics, a further predictor), go to Checkpoint::left_out, with a note that counts
/// and names them. What lies in a layer, or beside a tensor that is used, stays: whoever loads the weights
/// refuses it by name. As it is where no family takes the config or too little of the family is there. A
/// second call changes nothing. Errors: Unsupported (LoRA weights that are not
/// merged).
Result<CheckpointPtr> name_weights(const CheckpointPtr& checkpoint);

/// Lets the family look at which tensors there are, for what its config leaves open; takes the head away
/// where the file lacks it, or holds one of another kind over a tied table.
void adapt_to_tensors(const Family& family, Architecture& arch, const Checkpoint& checkpoint);

/// Why the file does not give a weight that it names, as " (reason)"; empty: it does not name it.
std::string why_absent(const Checkpoint& checkpoint, std::string_view name);

/// "a, b, c and 5 more"
std::string some_of(const std::vector<std::string>& names);

}  // namespace headlight
