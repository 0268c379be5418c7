// What the pipeline of a tokenizer.json says, held against the settings beside it.
#pragma once

#include <nlohmann/json.hpp>

namespace headlight {

/// Does `config` (tokenizer_config.json) spell out a setting that the pipeline of `file` (tokenizer.json)
/// contradicts: lower case, accents, Chinese characters, punctuation, the space before a text, trimmed spans?
/// The reference's classes then go by the setting. A setting that is null or absent, or that no step of the
/// file is about, contradicts nothing.
bool contradicts_file(const nlohmann::ordered_json& config, const nlohmann::json& file);

}  // namespace headlight
