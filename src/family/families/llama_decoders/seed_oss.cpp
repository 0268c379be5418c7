// Seed-OSS: Llama's block with biases of queries, keys and values. ByteDance Seed 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "seed_oss", "SeedOss");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 8);
    defaults.head_dim = unless_null(config, "head_dim", 128);
    defaults.max_positions = 524288;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = config.boolean_or({"attention_bias"}, true);
    arch.has_output_bias = config.boolean_or({"attention_out_bias"}, false);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "seed_oss");
    config["head_dim"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_seed_oss = {"seed_oss",  "Seed-OSS",         "model.",       matches,
                                         read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
