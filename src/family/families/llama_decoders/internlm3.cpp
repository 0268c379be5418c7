// InternLM 3: Llama's block and its names, another word for the biases. Shanghai AI Laboratory 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "internlm3", "InternLM3");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 2);
    defaults.head_dim = unless_null(config, "head_dim", 128);
    defaults.max_positions = 32768;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"qkv_bias", "attention_bias"}, false);
    arch.has_mlp_bias = config.boolean_or({"bias", "mlp_bias"}, false);
    if (arch.has_qkv_bias != arch.has_mlp_bias) {
        config.fail_with(
            ErrorKind::Unsupported,
            "an InternLM 3 whose 'qkv_bias' is not its 'bias' is not supported: the two switch the "
            "bias of the output projection both");
    }
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "internlm3");
    config["head_dim"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_internlm3 = {"internlm3", "InternLM 3",       "model.",       matches,
                                          read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
