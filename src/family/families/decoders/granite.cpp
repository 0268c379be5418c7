// Granite 3: Llama with four multipliers: of embeddings, of scores, of what each part adds, and of logits.
// Granite Team 2024.
#include <nlohmann/json.hpp>

#include "family/lines/granite_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "granite", "GraniteFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_llama_config(config);
    read_granite_multipliers(config, arch);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "granite");
}

}  // namespace

extern const Family k_family_granite = {"granite",   "Granite",          "model.",       matches,
                                        read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
