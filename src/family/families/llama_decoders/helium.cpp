// Helium: Llama's block whose neighbours rotate. Kyutai 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "helium", "HeliumFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 100000.0;
    defaults.num_kv_heads = 20;
    defaults.head_dim = 128;
    defaults.max_positions = 4096;
    defaults.norm_eps = 1e-8;
    Architecture arch = read_llama_config(config, defaults);
    arch.rope.pairing = RopePairing::Neighbours;
    arch.has_output_bias = false;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "helium");
    config["head_dim"] = request.hidden_size / request.num_heads;
    return config;
}

}  // namespace

extern const Family k_family_helium = {"helium",    "Helium",           "model.",       matches,
                                       read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
