// Persimmon: GPT-NeoX's fused q, k, v, a norm of queries and keys, squared ReLU, half of each head rotates.
// Adept 2023.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "persimmon", "Persimmon");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.5;
    defaults.activation = "relu2";
    defaults.max_positions = 16384;
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.num_kv_heads = arch.num_heads;
    if (arch.num_heads * arch.head_dim != arch.hidden_size) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'head_dim' is {}: Persimmon with heads of other than hidden_size / "
                                     "num_attention_heads ({}) is not supported",
                                     arch.head_dim, arch.hidden_size / arch.num_heads));
    }
    arch.is_gated = false;
    arch.has_mlp_bias = arch.has_qkv_bias = arch.has_output_bias = true;
    if (config.boolean_or({"qk_layernorm"}, true)) {
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
        table.fused(layer + "self_attn.query_key_value", {layer + "query", layer + "key", layer + "value"},
                    {.num_groups = arch.num_heads});
        table.add(layer + "self_attn.dense", layer + "output");
        table.add(layer + "self_attn.q_layernorm", layer + "query_norm");
        table.add(layer + "self_attn.k_layernorm", layer + "key_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.add(layer + "mlp.dense_h_to_4h", layer + "up");
        table.add(layer + "mlp.dense_4h_to_h", layer + "down");
    }
    table.add("final_layernorm", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "persimmon");
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace

extern const Family k_family_persimmon = {"persimmon", "Persimmon",  "model.",       matches,
                                          read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
