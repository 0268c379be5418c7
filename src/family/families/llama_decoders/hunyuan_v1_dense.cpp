// Hunyuan without experts: Llama's block; queries and keys of each head are normed after they are rotated.
// Tencent 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "hunyuan_v1_dense", "HunYuanDenseV1");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.takes_alpha = true;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    norm_after_rotation(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_projections(table, layer);
        table.add(layer + "self_attn.query_layernorm", layer + "query_norm");
        table.add(layer + "self_attn.key_layernorm", layer + "key_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "hunyuan_v1_dense");
}

}  // namespace

extern const Family k_family_hunyuan_v1_dense = {
    "hunyuan_v1_dense", "Hunyuan",    "model.",       matches,
    read_config,        file_weights, is_llama_extra, random_config};

}  // namespace headlight
