// Mistral: Llama's block with a sliding window over all layers, which later versions switch off. Jiang et al.
// 2023.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mistral", "MistralFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 131072;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;  // not a choice of this family
    set_window(arch, read_window(config, 4096));
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "mistral");
    config["sliding_window"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_mistral = {"mistral",   "Mistral",          "model.",       matches,
                                        read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
