// The settings files beside a tokenizer, put together as the reference does before it makes the tokenizer.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// Keys of tokenizer_config.json: special tokens beside those that have a role.
inline constexpr const char* kExtraTokens = "extra_special_tokens";
inline constexpr const char* kAdditionalTokens = "additional_special_tokens";

/// A special or added token as a file writes it.
struct TokenSpec {
    std::string content;
    bool is_text = false;  // given as text only: its flags are those of its role
    bool is_single_word = false, strips_left = false, strips_right = false, is_special = false;
    std::optional<bool> normalized;  // a special token is not, unless it says so

    bool is_normalized() const { return normalized.value_or(!is_special); }
    bool operator==(const TokenSpec& other) const;
};

/// A text, or an object with "content" and flags; null for anything else.
std::optional<TokenSpec> token_spec(const nlohmann::ordered_json& value);
nlohmann::ordered_json to_json(const TokenSpec& token);

/// Roles that every class knows, in the order in which their tokens are added.
inline constexpr const char* kTokenRoles[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                              "pad_token", "cls_token", "mask_token"};
bool is_token_role(const std::string& key);

struct TokenizerSettings {
    nlohmann::ordered_json values;            // tokenizer_config.json with what special_tokens_map.json adds
    std::map<std::int64_t, TokenSpec> added;  // by the id that the files write, which only orders them
};

/// One settings file: an empty object if it is not there. Errors: Corrupt (no JSON, no object, a folder or
/// another thing that is no file), and what reading gives (no permission).
Result<nlohmann::ordered_json> read_settings_file(const std::string& folder, const char* name);

/// tokenizer_config.json, special_tokens_map.json, added_tokens.json and the "added_tokens" of tokenizer.json
/// (null if there is no such file). Where tokenizer_config.json has `added_tokens_decoder`, the other three
/// do not count, as in the reference. `config` is tokenizer_config.json. Errors: those of read_settings_file;
/// Corrupt (a token that is none).
Result<TokenizerSettings> merge_tokenizer_settings(const std::string& folder, nlohmann::ordered_json config,
                                                   const nlohmann::json* tokenizer_json);

/// Python's truth of a value: null, false, 0, "" and empty lists and objects are false.
bool is_true(const nlohmann::ordered_json& value);

}  // namespace headlight
