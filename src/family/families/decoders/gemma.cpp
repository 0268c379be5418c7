// Gemma: wide heads of which keys may be shared by all, norms stored as gain - 1, scaled embeddings. Gemma
// Team 2024.
#include <nlohmann/json.hpp>

#include "family/lines/gemma_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gemma", "GemmaFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gemma_config(config, gemma_defaults());
    // The released configs say "gelu" and mean the tanh approximation.
    if (config.text_or({"hidden_act"}, "gelu") == "gelu") arch.activation = Activation::GeluTanh;
    if (config.boolean_or({"use_bidirectional_attention"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "bidirectional attention (the config's use_bidirectional_attention is "
                         "true) is not supported for this Gemma");
    }
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gemma_random_config(request, "gemma");
}

}  // namespace

extern const Family k_family_gemma = {
    "gemma", "Gemma", "model.", matches, read_config, gemma_file_weights, is_llama_extra, random_config};

}  // namespace headlight
