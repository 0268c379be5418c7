#include "family/lines/glm_layout.h"

#include <nlohmann/json.hpp>

namespace headlight {

Architecture read_glm_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.turns_part = true;
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

std::vector<FileWeight> glm_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_self_attn_layernorm", layer + "attention_output_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.fused(layer + "mlp.gate_up_proj", {layer + "gate", layer + "up"});
        table.add(layer + "mlp.down_proj", layer + "down");
        table.add(layer + "post_mlp_layernorm", layer + "mlp_output_norm");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json glm_random_config(const RandomModelRequest& request, const char* model_type) {
    nlohmann::json config = llama_random_config(request, model_type);
    config["head_dim"] = request.hidden_size / request.num_heads;
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace headlight
