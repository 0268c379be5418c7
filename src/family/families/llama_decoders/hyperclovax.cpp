// HyperCLOVA X SEED Think: Granite's multipliers and a norm after each part as well as before. NAVER 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "hyperclovax", "HyperCLOVAXFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_llama_config(config);
    arch.embedding_scale = config.number_or({"embedding_multiplier"}, -1e9, 1e9, 1.0);
    arch.residual_scale = config.number_or({"residual_multiplier"}, -1e9, 1e9, 1.0);
    arch.logit_scale = config.number_or({"logits_scaling"}, -1e9, 1e9, 1.0);
    if (config.has({"attention_multiplier"}))
        set_scale(arch, config.number({"attention_multiplier"}, -1e9, 1e9));
    if (config.boolean_or({"use_post_norm"}, true)) arch.norm_place = NormPlace::Both;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_norm1", layer + "attention_output_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
        table.add(layer + "post_norm2", layer + "mlp_output_norm");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "hyperclovax");
}

}  // namespace

extern const Family k_family_hyperclovax = {"hyperclovax", "HyperCLOVA X", "model.",       matches,
                                            read_config,   file_weights,   is_llama_extra, random_config};

}  // namespace headlight
