// What both GLM families share: the keys of their configs and the names in their files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "family/lines/llama_layout.h"

namespace headlight {

/// Llama's keys with biases on queries, keys and values, and neighbours of half of each head rotating.
Architecture read_glm_config(ConfigReader& config);

/// Gate and up fused; norms after each part as far as the architecture has them.
std::vector<FileWeight> glm_file_weights(const Architecture& arch);

/// A config of random weights with this model type.
nlohmann::json glm_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
