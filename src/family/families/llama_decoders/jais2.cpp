// Jais 2: Llama's attention with layer norms, biases everywhere and squared ReLU in place of a gate.
// Inception 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "jais2", "Jais2For");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 8192;
    defaults.activation = "relu2";
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, true);
    arch.has_mlp_bias = config.boolean_or({"mlp_bias"}, true);
    arch.is_gated = false;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "jais2");
}

}  // namespace

extern const Family k_family_jais2 = {"jais2",     "Jais 2",           "model.",       matches,
                                      read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
