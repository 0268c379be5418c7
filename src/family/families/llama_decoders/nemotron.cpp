// Nemotron 3 and 4: layer norms stored as gain - 1, squared ReLU without a gate, half of each head rotates.
// Parmar et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "nemotron", "NemotronFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.5;
    defaults.max_positions = 4096;
    defaults.activation = "relu2";
    Architecture arch = read_llama_config(config, defaults);
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"norm_eps"}, 0, 1, 1e-5);
    arch.has_norm_bias = true;
    arch.is_gated = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    const WeightTable::Options norm{.offset = 1};
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm", norm);
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm", norm);
        add_llama_mlp(table, layer);
    }
    table.add("norm", "final_norm", norm);
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "nemotron");
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace

extern const Family k_family_nemotron = {"nemotron",  "Nemotron",   "model.",       matches,
                                         read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
