// Phi 1, 1.5 and 2: both parts of a block read one norm, half of each head rotates, biases everywhere.
// Gunasekar et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "phi", "PhiFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.5;
    defaults.activation = "gelu_new";
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = arch.has_head_bias = true;
    arch.is_parallel = arch.shares_norm = true;
    if (config.boolean_or({"qk_layernorm"}, false)) {
        arch.qk_norm = Architecture::QkNorm::PerHead;
        arch.qk_norm_kind = NormKind::LayerNorm;
        arch.has_qk_norm_bias = true;
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        table.add(layer + "self_attn.q_proj", layer + "query");
        table.add(layer + "self_attn.k_proj", layer + "key");
        table.add(layer + "self_attn.v_proj", layer + "value");
        table.add(layer + "self_attn.dense", layer + "output");
        table.add(layer + "self_attn.q_layernorm", layer + "query_norm");
        table.add(layer + "self_attn.k_layernorm", layer + "key_norm");
        table.add(layer + "mlp.fc1", layer + "up");
        table.add(layer + "mlp.fc2", layer + "down");
    }
    table.add("final_layernorm", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "phi");
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace

extern const Family k_family_phi = {"phi",       "Phi",        "model.",       matches,
                                    read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
