// What `inspect` finds out about a path without loading the engine.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/json_out.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Facts of a checkpoint as JSON: format, files, config, tensors, parameters, family, tokenizers, prediction,
/// decoder, windows; `proposal` where no family fits but the tensors look like a transformer.
Json inspect_checkpoint(const Checkpoint& checkpoint, const std::string& tokenizer_path);

/// The same for people.
std::string inspection_text(const Json& facts);

/// Tensor names with their layer numbers taken out: "h.3.attn.c_attn.weight" -> "h.*.attn.c_attn.weight".
std::string name_pattern(const std::string& tensor_name);

}  // namespace headlight
