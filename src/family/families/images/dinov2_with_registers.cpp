// DINOv2 with learned tokens that no position is added to. Darcet et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "dinov2_with_registers", "Dinov2WithRegistersFor");
}

Architecture read_config(ConfigReader& config) {
    constexpr int kMostRegisters = 1024;
    Architecture arch = read_dinov2_config(config, 16);
    arch.patches.num_registers = config.integer_or({"num_register_tokens"}, 0, kMostRegisters, 4);
    arch.patches.smooths_positions = true;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = vit_random_config(request, "dinov2_with_registers");
    config["mlp_ratio"] = 4;
    return config;
}

}  // namespace

extern const Family k_family_dinov2_with_registers = {"dinov2_with_registers",
                                                      "DINOv2 with registers",
                                                      "dinov2_with_registers.",
                                                      matches,
                                                      read_config,
                                                      vit_file_weights,
                                                      is_vit_extra,
                                                      random_config};

}  // namespace headlight
