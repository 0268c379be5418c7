// Which tokenizer class of the reference a folder's files belong to: several classes read the same kind of
// file differently.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headlight {

/// "T5Tokenizer", without "Fast": from tokenizer_config.json, else config.json's own `tokenizer_class`, else
/// what goes with its `model_type`; empty if none of them says.
std::string tokenizer_class_of(const std::string& folder);

/// Text of a special token's role ("bos_token", "mask_token" ...): tokenizer_config.json, else
/// special_tokens_map.json; `fallback` where neither names it.
std::string special_token_name(const nlohmann::json& config, const std::string& role,
                               const std::string& fallback);

/// tokenizer_config.json of a folder with the roles that only special_tokens_map.json names. Empty if there
/// is neither.
nlohmann::json read_tokenizer_settings(const std::string& folder);

}  // namespace headlight
