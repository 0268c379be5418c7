// OLMoE: OLMo's block with norms over all queries and all keys at once, and small experts. Muennighoff et al.
// 2024.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "olmoe", "Olmoe");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.vocab_size = 50304;
    defaults.num_heads = 16;
    defaults.max_positions = 4096;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::Whole;
    arch.clips_normed = true;
    arch.clip_qkv = read_optional(config, "clip_qkv", 0);
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_local_experts", "num_experts"}, 1, kMostExperts, 64);
    moe.experts_per_token = config.integer_or({"num_experts_per_tok"}, 1, kMostExperts, 8);
    moe.expert_size = arch.intermediate_size;
    moe.normalizes_weights = config.boolean_or({"norm_topk_prob"}, false);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "olmoe");
    config["num_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    return config;
}

}  // namespace

extern const Family k_family_olmoe = {"olmoe",     "OLMoE",           "model.",       matches,
                                      read_config, qwen_file_weights, is_llama_extra, random_config};

}  // namespace headlight
