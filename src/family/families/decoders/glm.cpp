// GLM 4: Llama's block with biases on queries, keys and values, gate and up fused, neighbours of half a head
// rotating. GLM Team 2024.
#include <nlohmann/json.hpp>

#include "family/lines/glm_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "glm", "GlmFor");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return glm_random_config(request, "glm");
}

}  // namespace

extern const Family k_family_glm = {
    "glm", "GLM", "model.", matches, read_glm_config, glm_file_weights, is_llama_extra, random_config};

}  // namespace headlight
