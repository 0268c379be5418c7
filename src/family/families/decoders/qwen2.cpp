// Qwen 2 and 2.5: Llama's block with biases on queries, keys and values, which no config names, and a window
// over the upper layers that is mostly switched off. Yang et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "qwen2", "Qwen2For");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 32768;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = true;
    arch.has_output_bias = arch.has_mlp_bias = false;
    read_qwen_windows(config, arch);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "qwen2");
}

}  // namespace

extern const Family k_family_qwen2 = {
    "qwen2", "Qwen2", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
