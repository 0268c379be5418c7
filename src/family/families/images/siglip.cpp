// The vision tower of SigLIP: patches alone, no learned token. Zhai et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "siglip_vision_model", "SiglipVision") ||
           config_says(config, "siglip", "SiglipModel") || config_says(config, "siglip", "SiglipForImage");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_tower_config(config, {.norm_eps = 1e-6, .activation = "gelu_pytorch_tanh"});
    arch.patches.has_class = false;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return vit_random_config(request, "siglip_vision_model");
}

}  // namespace

extern const Family k_family_siglip = {"siglip",    "SigLIP (pictures)", "vision_model.", matches,
                                       read_config, clip_file_weights,   is_tower_extra,  random_config};

}  // namespace headlight
