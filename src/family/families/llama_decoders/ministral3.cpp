// Ministral 3: Mistral with YaRN, whose queries grow with the logarithm of their position beyond the trained
// length. Mistral AI 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "ministral3", "Ministral3For");
}

/// What a config means that says nothing of rotation.
const nlohmann::json& usual_rope() {
    static const nlohmann::json rope = {{"type", "yarn"},
                                        {"rope_theta", 1e6},
                                        {"factor", 16.0},
                                        {"original_max_position_embeddings", 16384},
                                        {"beta_fast", 32.0},
                                        {"beta_slow", 1.0},
                                        {"mscale_all_dim", 1.0},
                                        {"mscale", 1.0},
                                        {"llama_4_scaling_beta", 0.1}};
    return rope;
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.usual = &usual_rope();
    defaults.rope.grows_queries = true;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 8);
    defaults.head_dim = unless_null(config, "head_dim", 128);
    defaults.max_positions = 262144;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    set_window(arch, read_window(config, 0));
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "ministral3");
    config["head_dim"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_ministral3 = {"ministral3", "Ministral 3",      "model.",       matches,
                                           read_config,  llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
