#include "tokenize/chat/chat_template.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/guard.h"
#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/gguf/gguf_file.h"
#include "tokenize/chat/chat_turns.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/files/tokenizer_settings.h"
#include "tokenize/jinja/interpreter.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::size_t kLongestTemplate = std::size_t{1} << 20;
constexpr const char* kDefault = "default";
constexpr const char* kGgufKey = "tokenizer.chat_template";
using Templates = std::vector<NamedTemplate>;

Result<Templates> templates_of_gguf(const std::string& file) {
    HEADLIGHT_TRY(const GgufFile gguf, read_gguf(file));
    Templates out;
    for (const auto& [key, value] : gguf.metadata.items()) {
        if (!key.starts_with(kGgufKey) || !value.is_string()) continue;
        const std::string name = key.substr(std::string_view(kGgufKey).size());
        if (!name.empty() && name[0] != '.') continue;
        out.push_back({name.empty() ? kDefault : name.substr(1), value.get<std::string>(), file});
    }
    return out;
}

Result<Templates> templates_of_files(const std::string& folder) {
    Templates out;
    const auto add = [&](const std::string& name, const fs::path& file) -> Status {
        HEADLIGHT_TRY(std::string source, read_text_file(file.string(), kLongestTemplate));
        out.push_back({name, std::move(source), file.string()});
        return {};
    };
    const fs::path alone = fs::path(folder) / "chat_template.jinja";
    if (is_regular_file(alone.string())) HEADLIGHT_CHECK(add(kDefault, alone));
    std::error_code code;
    for (fs::directory_iterator file(fs::path(folder) / "additional_chat_templates", code), end;
         !code && file != end; file.increment(code))
        if (file->path().extension() == ".jinja")
            HEADLIGHT_CHECK(add(file->path().stem().string(), file->path()));
    return out;
}

/// A text, a list of {"name", "template"} or an object of texts by name.
Result<Templates> templates_of_value(const ordered_json& value, const std::string& file) {
    Templates out;
    if (value.is_null()) return out;
    if (value.is_string()) return Templates{{kDefault, value.get<std::string>(), file}};
    for (const auto& [key, item] : value.items()) {
        const bool is_named = item.is_object() && item.contains("name") && item.contains("template") &&
                              item["name"].is_string() && item["template"].is_string();
        if (is_named) {
            out.push_back({item["name"].get<std::string>(), item["template"].get<std::string>(), file});
        } else if (value.is_object() && item.is_string()) {
            out.push_back({key, item.get<std::string>(), file});
        } else {
            return fail(
                make_error(ErrorKind::Corrupt,
                           "'chat_template' is neither a text nor a list of {{\"name\", \"template\"}}")
                    .in_file(file));
        }
    }
    return out;
}

Result<Templates> templates_of_folder(const std::string& folder) {
    HEADLIGHT_TRY(Templates out, templates_of_files(folder));
    for (const char* name : {"tokenizer_config.json", "chat_template.json"}) {
        if (!out.empty()) break;
        HEADLIGHT_TRY(const ordered_json settings, read_settings_file(folder, name));
        const auto found = settings.find("chat_template");
        if (found == settings.end()) continue;
        HEADLIGHT_TRY(out, templates_of_value(*found, (fs::path(folder) / name).string()));
    }
    return out;
}

Result<NamedTemplate> chosen_template(const Tokenizer& tokenizer, const ChatOptions& options,
                                      bool has_tools) {
    HEADLIGHT_TRY(const Templates all, read_chat_templates(tokenizer));
    std::string names, wanted = options.name;
    const auto find = [&](const std::string& name) {
        return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    };
    if (wanted.empty()) wanted = has_tools && find("tool_use") != all.end() ? "tool_use" : kDefault;
    if (const auto found = find(wanted); found != all.end()) return *found;
    for (const NamedTemplate& one : all)
        names += (names.empty() ? "" : ", ") + one.name.substr(0, 60);
    return fail(make_error(ErrorKind::Missing, "there is no chat template '{}' here, but these: {}; name one",
                           wanted, names)
                    .in_file(all.front().file));
}

Result<std::string> rendered(const NamedTemplate& chosen, const ordered_json& names) {
    if (chosen.source.size() > kLongestTemplate)
        return fail(
            make_error(ErrorKind::Unsupported, "the chat template is longer than 1 MB").in_file(chosen.file));
    return translate_exceptions({"applying the chat template", chosen.file}, [&]() -> Result<std::string> {
        try {
            return jinja::render(utf8::replace_invalid(chosen.source), names);
        } catch (const jinja::Fault& fault) {
            return fail(
                make_error(ErrorKind::InvalidInput, "the chat template cannot be applied: {}", fault.what())
                    .in_file(chosen.file));
        }
    });
}

}  // namespace

Result<Templates> read_chat_templates(const Tokenizer& tokenizer) {
    const std::string file = tokenizer.source();
    const bool is_gguf = looks_like_gguf(file);
    std::string folder = tokenizer_folder(file);
    if (folder.empty()) folder = ".";
    HEADLIGHT_TRY(Templates all, is_gguf ? templates_of_gguf(file) : templates_of_folder(folder));
    if (!all.empty()) return all;
    return fail(
        make_error(
            ErrorKind::Missing,
            "no chat template lies with this tokenizer: {}; a model that was not made for chats has none",
            is_gguf ? "the file has no 'tokenizer.chat_template'"
                    : "no chat_template.jinja, no 'chat_template' in tokenizer_config.json or "
                      "chat_template.json")
            .in_file(file));
}

bool has_chat_template(const Tokenizer& tokenizer) {
    return read_chat_templates(tokenizer).has_value();
}

Result<TokenizedText> encode_chat(const Tokenizer& tokenizer, const std::string& turns,
                                  const ChatOptions& options) {
    HEADLIGHT_TRY(ordered_json given, read_chat_turns(turns));
    const bool has_tools = given.contains("tools") && !given["tools"].is_null();
    HEADLIGHT_TRY(const NamedTemplate chosen, chosen_template(tokenizer, options, has_tools));
    ordered_json names = ordered_json::object();
    for (const auto& [role, text] : tokenizer.special_tokens())
        names[role] = text;
    names["tools"] = names["documents"] = nullptr;
    names["add_generation_prompt"] = options.adds_reply;
    names.update(given);
    HEADLIGHT_TRY(const std::string text, rendered(chosen, names));
    return tokenizer.try_encode(text, false);
}

}  // namespace headlight
