// Qwen 3 with experts: its attention, and a router's choice of many small experts. Yang et al. 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "qwen3_moe", "Qwen3Moe");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 32768;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    set_window(arch, read_switched_window(config));
    read_qwen_experts(config, arch, {128, 8, 768, "num_local_experts"});
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "qwen3_moe");
    config["num_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    config["moe_intermediate_size"] = 16;
    return config;
}

}  // namespace

extern const Family k_family_qwen3_moe = {"qwen3_moe", "Qwen3-MoE",       "model.",       matches,
                                          read_config, qwen_file_weights, is_llama_extra, random_config};

}  // namespace headlight
