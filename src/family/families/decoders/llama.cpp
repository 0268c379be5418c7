// Llama and all that share its layout (SmolLM, TinyLlama): RMS norm, rotary positions, grouped keys, gated
// feed-forward. Touvron et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "llama", "Llama");
}
Architecture read_config(ConfigReader& config) {
    return read_llama_config(config);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "llama");
}

}  // namespace

extern const Family k_family_llama = {
    "llama", "Llama", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
