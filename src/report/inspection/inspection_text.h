// The facts of a checkpoint for people.
#pragma once

#include <string>
#include <string_view>

#include "report/json_out.h"

namespace headlight {

/// `facts` as `inspect --json` prints them; `known_families` are named where the checkpoint's is none of
/// them.
std::string inspection_text(const Json& facts, std::string_view known_families);

/// Tensor names with their layer numbers taken out: "h.3.attn.c_attn.weight" -> "h.*.attn.c_attn.weight".
std::string name_pattern(const std::string& tensor_name);

}  // namespace headlight
