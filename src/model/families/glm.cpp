// GLM 4: Llama's block with biases on queries, keys and values, gate and up fused, neighbours of half a head
// rotating. GLM Team 2024.
#include <nlohmann/json.hpp>

#include "model/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "glm", "GlmFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_partial = 0.5;
    defaults.head_dim = 128;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1.5625e-7;
    Architecture arch = read_llama_config(config, defaults);
    arch.rope.pairing = RopePairing::Neighbours;
    arch.has_qkv_bias = config.boolean_or({"attention_bias"}, true);
    arch.has_output_bias = arch.has_mlp_bias = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.fused(layer + "mlp.gate_up_proj", {layer + "gate", layer + "up"});
        table.add(layer + "mlp.down_proj", layer + "down");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "glm");
    config["head_dim"] = request.hidden_size / request.num_heads;
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace

extern const Family k_family_glm;
const Family k_family_glm = {"glm",       "GLM",        "model.",       matches,
                             read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
