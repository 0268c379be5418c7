// Gemma 3: five local layers for a global one, each kind with a rotation of its own, and norms of queries and
// keys. The text part of the multimodal models, too. Gemma Team 2025.
#include <nlohmann/json.hpp>

#include "family/lines/gemma_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gemma3_text", "Gemma3ForCausalLM") ||
           config_says(config, "gemma3", "Gemma3For");
}

/// A model of sentences: it sees both sides, `sliding_window` / 2 tokens to each in local layers, and
/// predicts nothing.
void look_both_ways(Architecture& arch) {
    arch.is_causal = false;
    arch.has_head = false;
    for (int& window : arch.window)
        window /= 2;
}

Architecture read_text(ConfigReader& config) {
    LlamaDefaults defaults = gemma_defaults();
    defaults.vocab_size = 262208;  // published text configs leave these out
    defaults.num_heads = 8;
    defaults.num_kv_heads = 4;
    defaults.max_positions = 131072;
    defaults.reads_rope = false;
    Architecture arch = read_gemma_config(config, defaults);
    read_gemma_attention(config, arch, 0);  // attn_logit_softcapping is not read: no Gemma 3 caps its scores
    arch.qk_norm = Architecture::QkNorm::PerHead;
    read_layer_rope(config, arch, arch.rope, {"full_attention", "rope_theta", 1e6});
    read_layer_rope(config, arch, arch.local_rope,
                    {"sliding_attention", "rope_local_base_freq", 10000.0, false});
    const int pattern = config.integer_or({"sliding_window_pattern"}, 1, kMostLayers, 6);
    read_windows(config, arch, read_window(config, 4096),
                 [&](int layer) { return (layer + 1) % pattern != 0; });
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        arch.rope_use.push_back(arch.window_of(layer) > 0 ? RopeUse::Local : RopeUse::Main);
    }
    if (config.boolean_or({"use_bidirectional_attention"}, false)) look_both_ways(arch);
    return arch;
}

Architecture read_config(ConfigReader& config) {
    const nlohmann::json* nested = config.object({"text_config"});
    if (nested == nullptr) return read_text(config);
    ConfigReader text(*nested, config.file(), "text_config.");
    Architecture arch = read_text(text);
    arch.logit_softcap = 0;  // the multimodal head has none, whatever the text part says
    arch.is_head_tied =
        config.boolean_or({"tie_word_embeddings"}, true);  // of the text part's own it reads nothing
    if (auto status = text.status(); !status) config.fail_with(status.error().kind, status.error().message);
    return arch;
}

/// The part that looks at images, and the head where it is the embedding table.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.find("vision_tower.") != std::string_view::npos || name.ends_with("vision_tower.weight") ||
           name.find("multi_modal_projector.") != std::string_view::npos ||
           (arch.is_head_tied && name.ends_with("lm_head.weight"));
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gemma_random_config(request, "gemma3_text");
}

}  // namespace

extern const Family k_family_gemma3 = {
    "gemma3",   "Gemma 3",    "model.language_model.|language_model.model.|model.",
    matches,    read_config,  gemma_file_weights,
    is_ignored, random_config};

}  // namespace headlight
