// DINOv2: ViT that takes pictures of any size and scales what each part adds. Oquab et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "dinov2", "Dinov2For");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_dinov2_config(config, 14);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = vit_random_config(request, "dinov2");
    config["mlp_ratio"] = 4;
    return config;
}

}  // namespace

extern const Family k_family_dinov2 = {"dinov2",    "DINOv2",         "dinov2.",    matches,
                                       read_config, vit_file_weights, is_vit_extra, random_config};

}  // namespace headlight
