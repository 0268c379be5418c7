#include "tokenize/files/class_build.h"

#include <algorithm>

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kNone = "None";

const ordered_json* find(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() ? &*found : nullptr;
}

}  // namespace

ClassBuild::ClassBuild(TokenizerSettings settings, json given)
    : content(std::move(given)), settings_(std::move(settings)) {
    for (const char* role : kTokenRoles)
        roles_.emplace_back(role, std::nullopt);
    if (const auto listed = content.find("added_tokens"); listed != content.end() && listed->is_array()) {
        for (const json& entry : *listed)
            if (const auto token = token_spec(ordered_json(entry))) add(*token);
    }
    num_own_ = added_.size();
}

bool ClassBuild::flag(const char* key, bool fallback) const {
    const ordered_json* value = find(settings_.values, key);
    return value != nullptr ? value->get<bool>() : fallback;
}

json ClassBuild::setting(const char* key, json fallback) const {
    const ordered_json* value = find(settings_.values, key);
    return value != nullptr ? json(*value) : fallback;
}

void ClassBuild::set_default(const char* role, const char* content_of_role) {
    if (!settings_.values.contains(role)) settings_.values[role] = content_of_role;
}

void ClassBuild::let_strip_left(const char* role) {
    const ordered_json* value = find(settings_.values, role);
    auto token = value != nullptr ? token_spec(*value) : std::nullopt;
    if (!token || !token->is_text) return;
    token->is_text = false;
    token->strips_left = true;
    settings_.values[role] = to_json(*token);
}

std::string ClassBuild::text_of(const char* role) const {
    for (const Role& entry : roles_)
        if (entry.first == role && entry.second) return entry.second->content;
    const ordered_json* value = find(settings_.values, role);
    const auto token = value != nullptr ? token_spec(*value) : std::nullopt;
    return token ? token->content : kNone;
}

ordered_json ClassBuild::additional() const {
    const ordered_json* value = find(settings_.values, kAdditionalTokens);
    return value != nullptr ? *value : ordered_json();
}

void ClassBuild::set_additional(ordered_json tokens) {
    settings_.values[kAdditionalTokens] = std::move(tokens);
}

void ClassBuild::set_model(json parameters) {
    const bool has_merges = parameters["type"] == "BPE";
    // Scores come as numbers here, where those of a tokenizer.json come as the reference's library reads its
    // text.
    if (parameters["type"] == "Unigram") parameters["has_exact_scores"] = true;
    parameters["vocab"] = std::move(vocab);
    if (has_merges) parameters["merges"] = std::move(merges);
    content["model"] = std::move(parameters);
}

void ClassBuild::set_role(const std::string& name, const TokenSpec& token) {
    for (Role& role : roles_) {
        if (role.first != name) continue;
        role.second = token;
        return;
    }
    roles_.emplace_back(name, token);
}

Status ClassBuild::read_roles() {
    ordered_json& values = settings_.values;
    if (values.contains(kAdditionalTokens) && !values.contains(kExtraTokens)) {
        values[kExtraTokens] = values[kAdditionalTokens];
        values.erase(kAdditionalTokens);
    }
    ordered_json own = ordered_json::object();
    const auto refuse = [](const std::string& key) {
        return fail(ErrorKind::Corrupt, "'{}' is neither a text nor a token with 'content'",
                    key.substr(0, 80));
    };
    for (const auto& [key, value] : values.items()) {
        if (key == kExtraTokens && value.is_array()) {
            for (const ordered_json& item : value) {
                const auto token = token_spec(item);
                if (!token) return refuse(key);
                extra_.push_back(*token);
            }
        } else if (key == kExtraTokens && value.is_object()) {
            own.update(value);
        } else if (is_token_role(key)) {
            if (value.is_null()) continue;
            const auto token = token_spec(value);
            if (!token) return refuse(key);
            set_role(key, *token);
        } else if (key.ends_with("_token") && token_spec(value)) {
            own[key] = value;
        }
    }
    if (const ordered_json* specific = find(values, "model_specific_special_tokens");
        specific != nullptr && specific->is_object())
        own.update(*specific);
    for (const auto& [key, value] : own.items()) {
        const auto token = token_spec(value);
        if (!token) return refuse(key);
        set_role(key, *token);
    }
    return {};
}

bool ClassBuild::is_added(const std::string& text) const {
    return std::any_of(added_.begin(), added_.end(),
                       [&](const TokenSpec& token) { return token.content == text; });
}

// All that the files list are added again, in the order of the ids they say: of one text's flags the last
// count.
std::vector<TokenSpec> ClassBuild::missing_tokens() const {
    std::vector<TokenSpec> missing;
    for (const auto& [id, token] : settings_.added)
        missing.push_back(token);
    const std::size_t listed = missing.size();
    const auto want = [&](const TokenSpec& token) {
        const bool is_listed =
            std::any_of(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(listed),
                        [&](const TokenSpec& other) { return other.content == token.content; });
        if (is_listed || is_added(token.content) ||
            std::find(missing.begin(), missing.end(), token) != missing.end())
            return;
        missing.push_back(token);
    };
    for (const Role& role : roles_)
        if (role.second) want(*role.second);
    for (const TokenSpec& token : extra_)
        want(token);
    return missing;
}

void ClassBuild::add(const TokenSpec& given) {
    if (given.content.empty()) return;
    TokenSpec token = given;
    token.normalized = given.is_normalized();
    token.is_text = false;
    if (token.is_special) special_.insert(token.content);
    const auto same = std::find_if(added_.begin(), added_.end(),
                                   [&](const TokenSpec& other) { return other.content == token.content; });
    if (same != added_.end()) {
        *same = std::move(token);
    } else {
        added_.push_back(std::move(token));
    }
}

Status ClassBuild::add_tokens() {
    const ordered_json* bos = find(settings_.values, "add_bos_token");
    const ordered_json* eos = find(settings_.values, "add_eos_token");
    puts_bos_ = bos != nullptr && is_true(*bos);
    puts_eos_ = eos != nullptr && is_true(*eos);
    updates_ = bos != nullptr || eos != nullptr || !content.contains("post_processor") ||
               content["post_processor"].is_null();
    HEADLIGHT_CHECK(read_roles());
    for (TokenSpec token : missing_tokens()) {
        const bool has_role = std::any_of(roles_.begin(), roles_.end(), [&](const Role& role) {
            return role.second && role.second->content == token.content;
        });
        token.is_special |= token.is_text || has_role;
        add(token);
    }
    if (updates_) update_post_processor();
    return {};
}

void ClassBuild::add_special_tokens_again() {
    std::vector<TokenSpec> tokens = extra_;
    std::vector<TokenSpec> named;
    for (const Role& role : roles_)
        if (role.second) named.push_back(*role.second);
    tokens.insert(tokens.begin(), named.begin(), named.end());
    for (TokenSpec& token : tokens) {
        token.is_special = true;
        add(token);
    }
    if (updates_) update_post_processor();
}

void ClassBuild::update_post_processor() {
    std::vector<std::string> before, after;
    if (puts_bos_ && has("bos_token")) before.push_back(text_of("bos_token"));
    if (puts_eos_ && has("eos_token")) after.push_back(text_of("eos_token"));
    // Neither puts a token, and the spans of tokenizer.json have no spaces in them, as its own pipeline gives
    // them.
    const auto given = content.find("post_processor");
    const bool only_trims =
        given != content.end() && given->is_object() && given->value("type", "") == "ByteLevel";
    if (only_trims && before.empty() && after.empty()) return;
    std::vector<std::pair<std::string, int>> pair;
    for (const int segment : {0, 1}) {
        for (const std::string& text : before)
            pair.emplace_back(text, segment);
        pair.emplace_back(segment == 0 ? "$A" : "$B", segment);
        for (const std::string& text : after)
            pair.emplace_back(text, segment);
    }
    set_post_processor(template_of(before, after, pair));
}

json ClassBuild::roles() const {
    json named = json::object();
    for (const Role& role : roles_)
        if (role.second) named[role.first] = role.second->content;
    return named;
}

void ClassBuild::finish() {
    json list = json::array();
    for (TokenSpec token : added_) {
        token.is_special |= special_.count(token.content) != 0;
        list.push_back(json(to_json(token)));
    }
    content["added_tokens"] = std::move(list);
    content["num_own_tokens"] = num_own_;
    content["split_special_tokens"] = flag("split_special_tokens", false);
}

json sequence(const char* members, std::vector<json> steps) {
    json list = json::array();
    for (json& step : steps)
        if (!step.is_null()) list.push_back(std::move(step));
    return {{"type", "Sequence"}, {members, std::move(list)}};
}

json metaspace(const char* scheme, bool splits) {
    return {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", scheme}, {"split", splits}};
}

json byte_level(bool has_prefix_space, bool has_words) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", has_prefix_space},
            {"trim_offsets", true},
            {"use_regex", has_words}};
}

json replace_text(const char* text, const char* with) {
    return {{"type", "Replace"}, {"pattern", {{"String", text}}}, {"content", with}};
}

json replace_pattern(const char* pattern, const char* with) {
    return {{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", with}};
}

json precompiled(const json& character_map) {
    if (character_map.is_null()) return {};
    return {{"type", "Precompiled"}, {"precompiled_charsmap", character_map}};
}

json template_of(const std::vector<std::string>& before, const std::vector<std::string>& after,
                 const std::vector<std::pair<std::string, int>>& pair) {
    json tokens = json::object();
    const auto part = [&](const std::string& text, int segment) -> json {
        if (text == "$A" || text == "$B")
            return {{"Sequence", {{"id", text.substr(1)}, {"type_id", segment}}}};
        tokens[text] = {{"id", text}, {"tokens", json::array({text})}};
        return {{"SpecialToken", {{"id", text}, {"type_id", segment}}}};
    };
    json single = json::array(), both = json::array();
    for (const std::string& text : before)
        single.push_back(part(text, 0));
    single.push_back(part("$A", 0));
    for (const std::string& text : after)
        single.push_back(part(text, 0));
    for (const auto& [text, segment] : pair)
        both.push_back(part(text, segment));
    return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", both}, {"special_tokens", tokens}};
}

json bert_template(const std::string& first, const std::string& last, int first_segment) {
    return template_of({first}, {last}, {{first, first_segment}, {"$A", 0}, {last, 0}, {"$B", 1}, {last, 1}});
}

json doubled_template(const std::string& first, const std::string& last) {
    return template_of({first}, {last}, {{first, 0}, {"$A", 0}, {last, 0}, {last, 0}, {"$B", 0}, {last, 0}});
}

}  // namespace headlight
