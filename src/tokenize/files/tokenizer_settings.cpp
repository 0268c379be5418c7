#include "tokenize/files/tokenizer_settings.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "io/json_file.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLongestSettings = std::size_t{64} << 20;
constexpr const char* kModelSpecific = "model_specific_special_tokens";

ordered_json value_or_null(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() ? *found : ordered_json();
}

Error no_token(const std::string& where) {
    return make_error(ErrorKind::Corrupt, "'{}' is neither a text nor an object with 'content' and flags",
                      where.substr(0, 80));
}

/// Tokens of roles that only this model has ("image_token"): keys that end like a role and hold a text.
void collect_own_roles(ordered_json& values) {
    ordered_json own = ordered_json::object(), rest = ordered_json::object();
    for (auto& [key, value] : values.items()) {
        const bool is_own = !is_token_role(key) && key.ends_with("_token") && value.is_string();
        (is_own ? own : rest)[key] = value;
    }
    values = std::move(rest);
    if (const auto extra = values.find(kExtraTokens); extra != values.end() && extra->is_object()) {
        own.update(*extra);
        values.erase(kExtraTokens);
    }
    if (!own.empty()) values[kModelSpecific] = std::move(own);
}

Status merge_special_tokens(const ordered_json& map, ordered_json& values) {
    for (const auto& [key, value] : map.items()) {
        ordered_json entry = value;
        if (value.is_object() && key != kExtraTokens) {
            auto token = token_spec(value);
            if (!token) return fail(no_token(key));
            token->is_special = true;
            entry = to_json(*token);
        } else if (key == kExtraTokens && value.is_array()) {
            const ordered_json given = value_or_null(values, kExtraTokens);
            entry = given.is_array() ? given : ordered_json::array();
            for (const ordered_json& item : value) {
                auto token = token_spec(item);
                if (!token) return fail(no_token(key));
                token->is_special |= !token->is_text;
                ordered_json written = to_json(*token);
                if (std::find(entry.begin(), entry.end(), written) == entry.end())
                    entry.push_back(std::move(written));
            }
        }
        values[key] = std::move(entry);
    }
    if (const ordered_json extra = value_or_null(values, kExtraTokens); extra.is_object()) {
        values[kModelSpecific].update(extra);
        values.erase(kExtraTokens);
    }
    return {};
}

std::set<std::string> special_contents(const ordered_json& values) {
    std::set<std::string> contents;
    for (const char* role : kTokenRoles)
        if (const auto token = token_spec(value_or_null(values, role)); token && !token->content.empty())
            contents.insert(token->content);
    const ordered_json extra = value_or_null(values, kExtraTokens);
    if (extra.is_array()) {
        for (const ordered_json& item : extra)
            if (const auto token = token_spec(item)) contents.insert(token->content);
    }
    return contents;
}

Status merge_added_tokens(const ordered_json& file, TokenizerSettings& settings) {
    const std::set<std::string> special = special_contents(settings.values);
    for (const auto& [content, id] : file.items()) {
        if (!id.is_number_integer())
            return fail(ErrorKind::Corrupt, "the id of '{}' is no whole number", content.substr(0, 60));
        TokenSpec token;
        token.content = content;
        token.is_special = special.count(content) != 0;
        token.normalized = !token.is_special;  // for good, also where a class makes it special later
        settings.added[id.get<std::int64_t>()] = std::move(token);
    }
    return {};
}

Status merge_listed(const ordered_json& listed, TokenizerSettings& settings) {
    if (!listed.is_object()) return fail(no_token("added_tokens_decoder"));
    for (const auto& [key, value] : listed.items()) {
        const bool is_number =
            !key.empty() && key.size() <= 10 && key.find_first_not_of("0123456789") == std::string::npos;
        const auto token = value.is_object() ? token_spec(value) : std::nullopt;
        if (!is_number || !token) return fail(no_token("added_tokens_decoder: " + key));
        settings.added[std::stoll(key)] = *token;
    }
    return {};
}

Status merge_file_list(const json& list, TokenizerSettings& settings) {
    if (list.is_null()) return {};
    if (!list.is_array()) return fail(ErrorKind::Corrupt, "'added_tokens' is no list");
    for (const json& entry : list) {
        const auto token = entry.is_object() ? token_spec(ordered_json(entry)) : std::nullopt;
        if (!token || !entry.contains("id") || !entry["id"].is_number_integer())
            return fail(no_token("added_tokens"));
        settings.added[entry["id"].get<std::int64_t>()] = *token;
    }
    return {};
}

Status in_file(Status status, const std::string& folder, const char* name) {
    if (status || !status.error().file.empty()) return status;
    return fail(std::move(status).error().in_file((std::filesystem::path(folder) / name).string()));
}

}  // namespace

bool TokenSpec::operator==(const TokenSpec& other) const {
    if (is_text || other.is_text) return is_text == other.is_text && content == other.content;
    return content == other.content && is_single_word == other.is_single_word &&
           strips_left == other.strips_left && strips_right == other.strips_right &&
           is_special == other.is_special && is_normalized() == other.is_normalized();
}

std::optional<TokenSpec> token_spec(const ordered_json& value) {
    TokenSpec token;
    if (value.is_string()) {
        token.content = value.get<std::string>();
        token.is_text = true;
        return token;
    }
    const auto content = value.is_object() ? value.find("content") : value.end();
    if (content == value.end() || !content->is_string()) return std::nullopt;
    token.content = content->get<std::string>();
    for (const auto& [key, flag] :
         {std::pair{"single_word", &token.is_single_word}, std::pair{"lstrip", &token.strips_left},
          std::pair{"rstrip", &token.strips_right}, std::pair{"special", &token.is_special}}) {
        const auto found = value.find(key);
        if (found == value.end()) continue;
        if (!found->is_boolean()) return std::nullopt;
        *flag = found->get<bool>();
    }
    if (const auto found = value.find("normalized"); found != value.end()) {
        if (!found->is_boolean()) return std::nullopt;
        token.normalized = found->get<bool>();
    }
    return token;
}

ordered_json to_json(const TokenSpec& token) {
    if (token.is_text) return token.content;
    ordered_json out = {{"content", token.content},
                        {"single_word", token.is_single_word},
                        {"lstrip", token.strips_left},
                        {"rstrip", token.strips_right},
                        {"special", token.is_special}};
    if (token.normalized) out["normalized"] = *token.normalized;
    return out;
}

bool is_token_role(const std::string& key) {
    return std::find(std::begin(kTokenRoles), std::end(kTokenRoles), key) != std::end(kTokenRoles);
}

bool is_true(const ordered_json& value) {
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value.get<double>() != 0;
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    return !value.empty();
}

Result<ordered_json> read_settings_file(const std::string& folder, const char* name) {
    const std::filesystem::path path = std::filesystem::path(folder) / name;
    std::error_code code;
    const auto status = std::filesystem::symlink_status(path, code);
    if (status.type() == std::filesystem::file_type::not_found) return ordered_json::object();
    const auto target = std::filesystem::status(path, code);
    if (target.type() != std::filesystem::file_type::regular &&
        target.type() != std::filesystem::file_type::unknown) {
        const bool is_folder = target.type() == std::filesystem::file_type::directory;
        return fail(make_error(ErrorKind::Corrupt,
                               "expected a settings file, found {}: move it away, or put the file there",
                               is_folder ? "a folder" : "a broken link or something that is no file")
                        .in_file(path.string()));
    }
    HEADLIGHT_TRY(ordered_json parsed, read_ordered_json_file(path.string(), kLongestSettings));
    if (parsed.is_object()) return parsed;
    return fail(make_error(ErrorKind::Corrupt, "expected a JSON object, found {}", parsed.type_name())
                    .in_file(path.string()));
}

Result<TokenizerSettings> merge_tokenizer_settings(const std::string& folder, ordered_json config,
                                                   const json* tokenizer_json) {
    TokenizerSettings settings;
    ordered_json& values = settings.values = std::move(config);
    for (const char* key : {"tokenizer_class", "init_inputs", "vocab", "merges", "tokenizer_object"})
        values.erase(key);
    if (tokenizer_json != nullptr) {
        values.erase("add_bos_token");
        values.erase("add_eos_token");
    }
    if (values.contains(kAdditionalTokens) && !is_true(value_or_null(values, kExtraTokens))) {
        values[kExtraTokens] = values[kAdditionalTokens];
        values.erase(kAdditionalTokens);
    }
    collect_own_roles(values);
    // All of them are read, so that a broken one is said even where it does not count.
    HEADLIGHT_TRY(const ordered_json map, read_settings_file(folder, "special_tokens_map.json"));
    HEADLIGHT_TRY(const ordered_json added, read_settings_file(folder, "added_tokens.json"));
    const ordered_json listed = value_or_null(values, "added_tokens_decoder");
    if (values.contains("added_tokens_decoder")) {
        values.erase("added_tokens_decoder");
        HEADLIGHT_CHECK(in_file(merge_listed(listed, settings), folder, "tokenizer_config.json"));
    } else {
        HEADLIGHT_CHECK(in_file(merge_special_tokens(map, values), folder, "special_tokens_map.json"));
        HEADLIGHT_CHECK(in_file(merge_added_tokens(added, settings), folder, "added_tokens.json"));
        if (tokenizer_json != nullptr && tokenizer_json->contains("added_tokens"))
            HEADLIGHT_CHECK(in_file(merge_file_list((*tokenizer_json)["added_tokens"], settings), folder,
                                    "tokenizer.json"));
    }
    for (const char* role : kTokenRoles) {  // a role's text takes the flags of the added token of that text
        const auto token = token_spec(value_or_null(values, role));
        if (!token) continue;
        for (const auto& [id, listed_token] : settings.added)
            if (listed_token.content == token->content) values[role] = to_json(listed_token);
    }
    return settings;
}

}  // namespace headlight
