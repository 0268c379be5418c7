// StarCoder 2: grouped keys, rotary positions and a window, with layer norms, biases and a plain feed-forward
// part. Lozhkov et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "starcoder2", "Starcoder2");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 4096;
    defaults.activation = "gelu_pytorch_tanh";
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.norm_eps = config.number_or({"norm_epsilon"}, 0, 1, 1e-5);
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = config.boolean_or({"use_bias"}, true);
    set_window(arch, read_window(config, 0));
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.add(layer + "mlp.c_fc", layer + "up");
        table.add(layer + "mlp.c_proj", layer + "down");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "starcoder2");
}

}  // namespace

extern const Family k_family_starcoder2 = {"starcoder2", "StarCoder2", "model.",       matches,
                                           read_config,  file_weights, is_llama_extra, random_config};

}  // namespace headlight
