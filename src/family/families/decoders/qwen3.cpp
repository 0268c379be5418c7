// Qwen 3: no biases, but every head of queries and keys passes an RMS norm before it rotates. Yang et al.
// 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "qwen3", "Qwen3For");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 32768;
    defaults.head_dim = 128;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    read_qwen_windows(config, arch);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "qwen3");
    config["head_dim"] = request.hidden_size / request.num_heads;
    return config;
}

}  // namespace

extern const Family k_family_qwen3 = {
    "qwen3", "Qwen3", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
