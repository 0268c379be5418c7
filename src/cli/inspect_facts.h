// What `inspect` finds out about a path without loading the engine.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Families that the engine was built with, "gpt2 llama ...": from the registry, so that it need not be
/// loaded.
std::string_view known_families();

/// Facts of a checkpoint as JSON: format, files, config, tensors, parameters, family, tokenizers, prediction,
/// decoder, windows; `proposal` where no family fits but the tensors look like a transformer.
nlohmann::ordered_json inspect_checkpoint(const Checkpoint& checkpoint, const std::string& tokenizer_path);

}  // namespace headlight
