// DeiT: ViT with a second learned token, for distillation. Touvron et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "deit", "DeiTFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_vit_config(config, {});
    arch.has_qkv_bias = config.boolean_or({"qkv_bias"}, true);
    arch.patches.has_distillation = true;
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return vit_random_config(request, "deit");
}

}  // namespace

extern const Family k_family_deit = {"deit",      "DeiT",           "deit.",      matches,
                                     read_config, vit_file_weights, is_vit_extra, random_config};

}  // namespace headlight
