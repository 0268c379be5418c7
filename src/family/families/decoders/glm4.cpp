// GLM 4 of 2025: its block with norms after each part as well. GLM Team 2025.
#include <nlohmann/json.hpp>

#include "family/lines/glm_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "glm4", "Glm4For");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_glm_config(config);
    arch.norm_place = NormPlace::Both;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return glm_random_config(request, "glm4");
}

}  // namespace

extern const Family k_family_glm4 = {"glm4",      "GLM-4",          "model.",       matches,
                                     read_config, glm_file_weights, is_llama_extra, random_config};

}  // namespace headlight
