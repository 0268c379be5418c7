// The domain's plain values as JSON: model spec and tokens. Used by dumps and session files.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "core/model_spec.h"
#include "core/token.h"

namespace headlight {

nlohmann::json model_spec_to_json(const ModelSpec& spec);

/// Missing keys keep their defaults; counts are bounded, so that a hostile file cannot ask for memory.
/// Errors: Corrupt, naming the key.
Result<ModelSpec> model_spec_from_json(const nlohmann::json& json, const std::string& file);

/// {"text", "tokens": [{id, piece, display, begin, end, special}]}; begin and end are bytes. A text that is
/// no valid UTF-8 is written as hexadecimal digits under "text_hex" instead of "text".
nlohmann::json tokens_to_json(const TokenizedText& tokens);

/// Errors: Corrupt (wrong types, spans that leave the text), naming the key.
Result<TokenizedText> tokens_from_json(const nlohmann::json& json, const std::string& file);

}  // namespace headlight
