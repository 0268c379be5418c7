// ViT: a learned token in front of the patches, learned positions. Dosovitskiy et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "vit", "ViTFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_vit_config(config, {});
    arch.has_qkv_bias = config.boolean_or({"qkv_bias"}, true);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return vit_random_config(request, "vit");
}

}  // namespace

extern const Family k_family_vit = {
    "vit", "ViT", "vit.", matches, read_config, vit_file_weights, is_vit_extra, random_config};

}  // namespace headlight
