// The vision tower of CLIP, by itself or beside the one for text. Radford et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "clip_vision_model", "CLIPVision") ||
           config_says(config, "clip", "CLIPModel") || config_says(config, "clip", "CLIPForImage");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch =
        read_tower_config(config, {.patch_size = 32, .norm_eps = 1e-5, .activation = "quick_gelu"});
    arch.patches.has_bias = false;
    arch.has_embedding_norm = true;
    arch.has_final_norm = false;  // post_layernorm reads the pooled token alone
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return vit_random_config(request, "clip_vision_model");
}

}  // namespace

extern const Family k_family_clip = {"clip",      "CLIP (pictures)", "vision_model.", matches,
                                     read_config, clip_file_weights, is_tower_extra,  random_config};

}  // namespace headlight
