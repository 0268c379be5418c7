// DeepSeek V3 and R1: latent attention, experts picked by sigmoids out of the best groups, with a bias that
// balances them. DeepSeek-AI 2024.
#include <nlohmann/json.hpp>

#include "family/lines/deepseek_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "deepseek_v3", "DeepseekV3") || config_says(config, "kimi_k2", "DeepseekV3");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults = deepseek_defaults();
    defaults.vocab_size = 129280;
    defaults.num_heads = defaults.num_kv_heads = 128;
    defaults.max_positions = 4096;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    read_latent_attention(config, arch);
    const bool interleaves = config.boolean_or({"rope_interleave"}, !config.mentions("rope_interleave"));
    arch.rope.pairing = interleaves ? RopePairing::Neighbours : RopePairing::Halves;
    DeepseekExperts experts{"num_local_experts", 256, 8, 2048, 1, 3, 8, 4};
    experts.weight_scale = 2.5;
    read_deepseek_experts(config, arch, experts);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = deepseek_random_config(request, "deepseek_v3");
    add_random_latent(request, config);
    return config;
}

}  // namespace

extern const Family k_family_deepseek_v3 = {"deepseek_v3",     "DeepSeek V3", "model.",
                                            matches,           read_config,   deepseek_file_weights,
                                            is_deepseek_extra, random_config};

}  // namespace headlight
