#include "family/text_part.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace headlight {
namespace {

using json = nlohmann::json;

/// A kind of model, the type of its language model where the config does not name one, and whether its head
/// is the table where `tie_word_embeddings` is not said (all after the reference library's classes).
struct SeeingKind {
    const char* type;
    const char* text_type;
    bool ties_head = false;
    bool has_plain_head = true;
};

constexpr SeeingKind kKinds[] = {
    {"llava", "llama"},
    {"llava_next", "llama"},
    {"llava_next_video", "llama"},
    {"llava_onevision", "qwen2"},
    {"video_llava", "llama"},
    {"vipllava", "llama"},
    {"idefics2", "mistral"},
    {"idefics3", "llama"},
    {"smolvlm", "llama"},
    {"perception_lm", "llama"},
    {"fast_vlm", "qwen2"},
    {"qwen2_vl", "qwen2_vl_text"},
    {"qwen2_5_vl", "qwen2_5_vl_text"},
    {"qwen3_vl", "qwen3_vl_text"},
    {"mistral3", "mistral", true},
    {"internvl", "qwen2", true},
    {"got_ocr2", "qwen2", true},
    {"ovis2", "qwen2", true},
    {"lighton_ocr", "qwen3", true},
    {"aya_vision", "cohere2", true},
    {"cohere2_vision", "cohere2", true},
    {"lfm2_vl", "lfm2", true},
    {"paligemma", "gemma", true, false},
    {"llama4", "llama4_text", false, false},
    // Of programs of their own.
    {"llava_llama", "llama"},
    {"llava_mistral", "mistral"},
    {"llava_qwen", "qwen2"},
    {"internvl_chat", "qwen2"},
    {"kimi_vl", "deepseek_v3"},
};

/// A type of language model: the model_type whose family reads it, and the defaults of its class that the
/// family leaves to the config.
struct TextType {
    const char* type;
    const char* family;
    const char* defaults;
};

constexpr TextType kTextTypes[] = {
    {"llama", "llama",
     R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
         "num_attention_heads": 32})"},
    {"mistral", "mistral",
     R"({"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 8})"},
    {"qwen2", "qwen2",
     R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32})"},
    {"qwen3", "qwen3",
     R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128})"},
    {"qwen2_vl_text", "qwen2",
     R"({"vocab_size": 152064, "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 80,
         "num_attention_heads": 64, "num_key_value_heads": 8, "rms_norm_eps": 1e-5, "rope_theta": 1e6,
         "max_window_layers": 80})"},
    {"qwen2_5_vl_text", "qwen2",
     R"({"vocab_size": 152064, "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 80,
         "num_attention_heads": 64, "num_key_value_heads": 8, "rms_norm_eps": 1e-5, "rope_theta": 1e6,
         "max_window_layers": 80})"},
    {"qwen3_vl_text", "qwen3",
     R"({"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128, "rope_theta": 5e5,
         "max_position_embeddings": 128000})"},
    {"cohere2", "cohere2",
     R"({"vocab_size": 256000, "hidden_size": 8192, "intermediate_size": 22528, "num_hidden_layers": 40,
         "num_attention_heads": 64})"},
    {"gemma", "gemma",
     R"({"vocab_size": 256000, "hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28,
         "num_attention_heads": 16, "num_key_value_heads": 16, "head_dim": 256})"},
    {"gemma2", "gemma2",
     R"({"vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
         "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256})"},
    {"llama4_text", "llama4_text",
     R"({"hidden_size": 5120, "intermediate_size": 8192, "num_hidden_layers": 48})"},
};

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class List>
auto known_entry(const List& list, const std::string& type) {
    const auto found =
        std::find_if(std::begin(list), std::end(list), [&](const auto& one) { return type == one.type; });
    return found == std::end(list) ? nullptr : &*found;
}

/// The language model's own config; null: there is none inside.
const json* nested_config(const json& config) {
    for (const char* key : {"text_config", "llm_config"}) {
        const auto found = config.find(key);
        if (found != config.end() && found->is_object()) return &*found;
    }
    return nullptr;
}

/// Rotation on several axes, which text counts alike, is the plain one.
void flatten_rotation(json& config) {
    for (const char* key : {"rope_scaling", "rope_parameters"}) {
        const auto rope = config.find(key);
        if (rope == config.end() || !rope->is_object()) continue;
        for (const char* kind : {"rope_type", "type"}) {
            if (text_at(*rope, kind) == "mrope") (*rope)[kind] = "default";
        }
    }
}

}  // namespace

std::optional<TextPart> find_text_part(const json& config) {
    if (!config.is_object()) return std::nullopt;
    const SeeingKind* kind = known_entry(kKinds, text_at(config, "model_type"));
    if (kind == nullptr) return std::nullopt;
    const json* const nested = nested_config(config);
    if (nested == nullptr && !config.contains("hidden_size")) return std::nullopt;
    TextPart part{nested != nullptr ? *nested : config, kind->has_plain_head};
    std::string type = nested != nullptr ? text_at(part.config, "model_type") : std::string();
    if (type.empty()) type = kind->text_type;
    if (type == "qwen3_vl_text") {  // has no windows, whatever its config says
        for (const char* key : {"use_sliding_window", "sliding_window", "layer_types"})
            part.config.erase(key);
    }
    if (const TextType* known = known_entry(kTextTypes, type)) {
        json whole = json::parse(known->defaults);
        whole.update(part.config);
        part.config = std::move(whole);
        type = known->family;
    }
    part.config["model_type"] = type;
    flatten_rotation(part.config);
    // The head is the whole model's, and so is its tie; Llama 4's language model has a head of its own.
    if (type == "llama4_text") return part;
    part.config.erase("tie_embedding");  // an older name of it
    const auto tie = config.find("tie_word_embeddings");
    part.config["tie_word_embeddings"] =
        tie != config.end() && !tie->is_null() ? *tie : json(kind->ties_head);
    return part;
}

}  // namespace headlight
