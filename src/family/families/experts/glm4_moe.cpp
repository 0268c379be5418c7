// GLM 4.5 and 4.6: experts picked as DeepSeek V3 picks them, heads of which half rotates. GLM Team 2025.
#include <nlohmann/json.hpp>

#include "family/lines/deepseek_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "glm4_moe", "Glm4Moe");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.vocab_size = 151552;
    defaults.num_heads = 96;
    defaults.num_kv_heads = 8;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_output_bias = arch.has_mlp_bias = false;
    if (config.boolean_or({"use_qk_norm"}, false)) arch.qk_norm = Architecture::QkNorm::PerHead;
    read_deepseek_experts(config, arch, {"num_local_experts", 128, 8, 1408, 1, 1});
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = deepseek_random_config(request, "glm4_moe");
    config["partial_rotary_factor"] = even_rotary_share(request, 0.5);
    return config;
}

}  // namespace

extern const Family k_family_glm4_moe = {"glm4_moe",        "GLM-4 MoE",  "model.",
                                         matches,           read_config,  deepseek_file_weights,
                                         is_deepseek_extra, random_config};

}  // namespace headlight
