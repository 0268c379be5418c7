// ERNIE 4.5 without experts: Llama's block whose neighbours rotate, one switch for all biases. Baidu 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "ernie4_5", "Ernie4_5For");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 500000.0;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 2);
    defaults.head_dim = unless_null(config, "head_dim", 128);
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    arch.rope.pairing = RopePairing::Neighbours;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = config.boolean_or({"use_bias"}, false);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "ernie4_5");
    config["head_dim"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_ernie4_5 = {"ernie4_5",  "ERNIE 4.5",        "model.",       matches,
                                         read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
