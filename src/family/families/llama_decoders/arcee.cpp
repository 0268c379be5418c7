// Arcee AFM: Llama's block with squared ReLU in place of a gate. Arcee AI 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "arcee", "ArceeFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 4096;
    defaults.norm_eps = 1e-5;
    defaults.activation = "relu2";
    Architecture arch = read_llama_config(config, defaults);
    arch.is_gated = false;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "arcee");
}

}  // namespace

extern const Family k_family_arcee = {
    "arcee", "Arcee", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
