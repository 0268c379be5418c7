// Ministral 8B: Mistral with a window in the layers that its config lists. Mistral AI 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "ministral", "MinistralFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 8);
    defaults.max_positions = 131072;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    const int window = read_window(config, 4096);
    read_windows(config, arch, window, [&](int) { return window > 0; });
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "ministral");
    config["sliding_window"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_ministral = {"ministral", "Ministral",        "model.",       matches,
                                          read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
