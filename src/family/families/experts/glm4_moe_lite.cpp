// GLM 4.7 Flash: DeepSeek V3's latent attention and routing, dense and sparse layers by name. GLM Team 2025.
#include <nlohmann/json.hpp>

#include "family/lines/deepseek_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "glm4_moe_lite", "Glm4MoeLite");
}

/// The first layer is dense unless `mlp_layer_types` says otherwise.
void read_sparse_layers(ConfigReader& config, Architecture& arch) {
    const std::vector<std::string> types =
        config.texts("mlp_layer_types", static_cast<std::size_t>(arch.num_layers));
    for (std::size_t layer = 0; layer < types.size(); ++layer)
        arch.moe.is_sparse[layer] = types[layer] == "sparse";
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults = deepseek_defaults();
    defaults.vocab_size = 154880;
    defaults.num_heads = defaults.num_kv_heads = 20;
    defaults.max_positions = 202752;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    read_latent_attention(config, arch, {512, 768, 192, 64, 256});
    const bool interleaves = config.boolean_or({"rope_interleave"}, true);
    arch.rope.pairing = interleaves ? RopePairing::Neighbours : RopePairing::Halves;
    DeepseekExperts experts{"num_local_experts", 64, 4, 1536, 1, 1};
    experts.weight_scale = 1.8;
    read_deepseek_experts(config, arch, experts);
    arch.moe.is_sparse.assign(static_cast<std::size_t>(arch.num_layers), 1);
    arch.moe.is_sparse[0] = 0;
    read_sparse_layers(config, arch);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = deepseek_random_config(request, "glm4_moe_lite");
    add_random_latent(request, config);
    return config;
}

}  // namespace

extern const Family k_family_glm4_moe_lite = {"glm4_moe_lite",   "GLM-4 MoE Lite", "model.",
                                              matches,           read_config,      deepseek_file_weights,
                                              is_deepseek_extra, random_config};

}  // namespace headlight
