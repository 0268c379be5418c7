// Qwen 1.5 and 2 with experts: a router's choice of many small experts, and one that every token takes,
// behind a gate. Yang et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "qwen2_moe", "Qwen2Moe");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 32768;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = config.boolean_or({"qkv_bias"}, true);
    arch.has_output_bias = arch.has_mlp_bias = false;
    // Here it is the even layers below `max_window_layers` that slide.
    const int window = read_switched_window(config);
    const int end = config.integer_or({"max_window_layers"}, 0, kMostPositions, 28);
    read_windows(config, arch, window,
                 [&](int layer) { return window > 0 && layer % 2 == 0 && layer < end; });
    read_qwen_experts(config, arch, {60, 4, 1408});
    arch.moe.shared_expert_size =
        config.integer_or({"shared_expert_intermediate_size"}, 1, kMostIntermediate, 5632);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "qwen2_moe");
    config["num_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    config["moe_intermediate_size"] = 16;
    config["shared_expert_intermediate_size"] = 24;
    return config;
}

}  // namespace

extern const Family k_family_qwen2_moe = {"qwen2_moe", "Qwen2-MoE",       "model.",       matches,
                                          read_config, qwen_file_weights, is_llama_extra, random_config};

}  // namespace headlight
