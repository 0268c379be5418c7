#include "tokenize/tokenizer_class.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "io/json_file.h"
#include "tokenize/tokenizer_files.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestSettings = std::size_t{16} << 20;

struct ClassOfModel {
    const char* model_type;
    const char* name;
};

// Only those whose files mean something else than the file's kind alone would.
constexpr ClassOfModel kClasses[] = {
    {"albert", "AlbertTokenizer"},
    {"bart", "BartTokenizer"},
    {"deberta-v2", "DebertaV2Tokenizer"},
    {"gemma", "GemmaTokenizer"},
    {"gemma2", "GemmaTokenizer"},
    {"gemma3_text", "GemmaTokenizer"},
    {"llama", "LlamaTokenizer"},
    {"marian", "MarianTokenizer"},
    {"mbart", "MBartTokenizer"},
    {"mistral", "LlamaTokenizer"},
    {"mixtral", "LlamaTokenizer"},
    {"mpnet", "MPNetTokenizer"},
    {"mt5", "T5Tokenizer"},
    {"qwen2", "Qwen2Tokenizer"},
    {"qwen2_moe", "Qwen2Tokenizer"},
    {"qwen3", "Qwen2Tokenizer"},
    {"qwen3_moe", "Qwen2Tokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"t5", "T5Tokenizer"},
    {"umt5", "T5Tokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"xlm-roberta-xl", "XLMRobertaTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"xlnet", "XLNetTokenizer"},
    {"pegasus", "PegasusTokenizer"},
    {"big_bird", "BigBirdTokenizer"},
    {"rembert", "RemBertTokenizer"},
};

json read_object(const std::string& folder, const char* name) {
    const std::string path = (std::filesystem::path(folder) / name).string();
    if (!is_regular_file(path)) return json::object();
    auto parsed = read_json_file(path, kLongestSettings);
    return parsed && parsed->is_object() ? std::move(*parsed) : json::object();
}

std::string class_named_in(const json& object) {
    const auto found = object.find("tokenizer_class");
    std::string name =
        found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    if (name.ends_with("Fast")) name.resize(name.size() - 4);
    // Says only that the file is a tokenizer.json.
    return name == "PreTrainedTokenizer" || name == "TokenizersBackend" ? std::string() : name;
}

}  // namespace

std::string tokenizer_class_of(const std::string& folder) {
    if (const std::string name = class_named_in(read_tokenizer_config(folder)); !name.empty()) return name;
    const json config = read_object(folder, "config.json");
    if (const std::string name = class_named_in(config); !name.empty()) return name;
    const auto type = config.find("model_type");
    if (type == config.end() || !type->is_string()) return {};
    for (const ClassOfModel& entry : kClasses) {
        if (type->get_ref<const std::string&>() == entry.model_type) return entry.name;
    }
    return {};
}

std::string special_token_name(const json& config, const std::string& role, const std::string& fallback) {
    const auto found = config.find(role);
    const std::string given = found != config.end() ? token_content(*found) : std::string();
    return given.empty() ? fallback : given;
}

json read_tokenizer_settings(const std::string& folder) {
    json config = read_tokenizer_config(folder);
    const json map = read_object(folder, "special_tokens_map.json");
    for (const auto& [role, entry] : map.items()) {
        if (token_content(entry).empty()) continue;
        if (const auto there = config.find(role); there == config.end() || token_content(*there).empty())
            config[role] = entry;
    }
    // "legacy": null and the like mean the default.
    for (auto entry = config.begin(); entry != config.end();) entry = entry->is_null() ? config.erase(entry) : std::next(entry);
    return config;
}

}  // namespace headlight
