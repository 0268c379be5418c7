// Gemma 2: soft-caps on scores and logits, norms before and after each part, every other layer a window.
// Gemma Team 2024.
#include <nlohmann/json.hpp>

#include "family/lines/gemma_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gemma2", "Gemma2For");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gemma_config(config, gemma_defaults());
    read_gemma_attention(config, arch, 30);
    arch.attention_softcap = read_optional(config, "attn_logit_softcapping", 50);
    read_windows(config, arch, read_window(config, 4096), [](int layer) { return layer % 2 == 0; });
    if (config.boolean_or({"use_bidirectional_attention"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "bidirectional attention (the config's use_bidirectional_attention is "
                         "true) is not supported for this Gemma");
    }
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gemma_random_config(request, "gemma2");
}

}  // namespace

extern const Family k_family_gemma2 = {"gemma2",    "Gemma 2",          "model.",       matches,
                                       read_config, gemma_file_weights, is_llama_extra, random_config};

}  // namespace headlight
