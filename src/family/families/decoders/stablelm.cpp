// StableLM 2 and 3B: Llama's block with layer norms and a quarter of each head rotating; the 12B has norms of
// every head and both parts side by side. Bellagente et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "stablelm", "StableLm");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.25;
    defaults.max_positions = 4096;
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.has_qkv_bias = config.boolean_or({"use_qkv_bias"}, false);
    arch.has_output_bias = arch.has_mlp_bias = false;
    arch.is_parallel = arch.shares_norm = config.boolean_or({"use_parallel_residual"}, false);
    if (config.boolean_or({"qk_layernorm"}, false)) {
        arch.qk_norm = Architecture::QkNorm::PerHead;
        arch.qk_norm_kind = NormKind::LayerNorm;
        arch.has_qk_norm_gain_per_head = true;
    }
    return arch;
}

/// The gains of each head are a tensor of their own.
void add_head_norms(WeightTable& table, const std::string& file, const std::string& slot, int num_heads) {
    for (int head = 0; head < num_heads; ++head) {
        FileWeight share{file + ".norms." + std::to_string(head) + ".weight", {slot}};
        share.part = head;
        share.num_parts = num_heads;
        table.exact(std::move(share));
    }
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_projections(table, layer);
        add_head_norms(table, layer + "self_attn.q_layernorm", layer + "query_norm", arch.num_heads);
        add_head_norms(table, layer + "self_attn.k_layernorm", layer + "key_norm", arch.num_kv_heads);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "stablelm");
    config["partial_rotary_factor"] = even_rotary_share(request, 0.25);
    return config;
}

}  // namespace

extern const Family k_family_stablelm = {"stablelm",  "StableLM",   "model.",       matches,
                                         read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
