// Mixtral: Mistral's attention, and in each block experts of which a router picks two. Jiang et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mixtral", "Mixtral");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 1e6;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    set_window(arch, read_window(config, 0));
    arch.moe.num_experts = config.integer_or({"num_experts", "num_local_experts"}, 1, kMostExperts, 8);
    arch.moe.experts_per_token = config.integer_or({"num_experts_per_tok"}, 1, kMostExperts, 2);
    arch.moe.expert_size = arch.intermediate_size;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "mixtral");
    config["num_local_experts"] = 4;
    return config;
}

}  // namespace

extern const Family k_family_mixtral = {"mixtral",      "Mixtral",    "model.",
                                        matches,        read_config,  mixtral_file_weights,
                                        is_llama_extra, random_config};

}  // namespace headlight
