// OLMo 2: norms after each part in place of before, and over all queries and all keys at once. OLMo Team
// 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "olmo2", "Olmo2");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.norm_place = NormPlace::OnOutput;
    arch.qk_norm = Architecture::QkNorm::Whole;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "olmo2");
}

}  // namespace

extern const Family k_family_olmo2 = {"olmo2",     "OLMo 2",           "model.",       matches,
                                      read_config, olmo2_file_weights, is_llama_extra, random_config};

}  // namespace headlight
