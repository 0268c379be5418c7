// What `inspect` finds out about a path without loading the engine.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Ids of all families: "gpt2 llama ...".
std::string known_families();

/// Facts of a checkpoint as JSON: format, files, config, tensors, parameters, family, tokenizers, prediction,
/// decoder, windows; `proposal` where no family fits but the tensors look like a transformer.
nlohmann::ordered_json inspect_checkpoint(const Checkpoint& checkpoint, const std::string& tokenizer_path);

}  // namespace headlight
