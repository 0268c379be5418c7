// OLMo: Llama's block with layer norms that have no weights, and projections clamped to a range. Groeneveld
// et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "olmo", "OlmoFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_llama_config(config);
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = 1e-5;  // no key for it
    arch.has_norm_gain = arch.has_norm_bias = arch.has_mlp_bias = false;
    arch.clip_qkv = read_optional(config, "clip_qkv", 0);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "olmo");
}

}  // namespace

extern const Family k_family_olmo = {
    "olmo", "OLMo", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
