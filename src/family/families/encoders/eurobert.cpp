// EuroBERT: Llama's blocks in both directions, with a head over masked tokens. Boizard et al. 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "eurobert", "EuroBert");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch =
        read_llama_config(config, {.vocab_size = 128256, .max_positions = 8192, .norm_eps = 1e-5});
    arch.is_causal = false;
    arch.is_masked_head = true;
    arch.has_head_bias = arch.has_mlp_bias;
    return arch;
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_llama_extra(name, arch) || name.starts_with("classifier.") || name.starts_with("dense.") ||
           (!arch.has_head && name.starts_with("lm_head."));
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "eurobert");
    config["mlp_bias"] = true;
    return config;
}

/// A tied matrix is not always in the file; encoders without a head have none.
void adapt(Architecture& arch, const HasTensor& has) {
    arch.has_head =
        has("lm_head.weight") || has("lm_head.bias") || (arch.is_head_tied && !arch.has_head_bias);
}

}  // namespace

extern const Family k_family_eurobert = {"eurobert",         "EuroBERT", "model.",      matches, read_config,
                                         llama_file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
