// The Vision Transformer (Dosovitskiy et al. 2021) and those that descend from it: patches of a picture,
// learned tokens in front, blocks as in BERT with norms before each part.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

struct VitDefaults {
    int patch_size = 16;
    double norm_eps = 1e-12;
    const char* activation = "gelu";
    bool has_intermediate_size = true;  // else `mlp_ratio` times hidden_size
};

/// Sizes, norms and patches that all of the line read.
Architecture read_vit_config(ConfigReader& config, const VitDefaults& defaults);

/// The reference reads these positions as a square, whatever the shape of the pictures.
void check_square_grid(ConfigReader& config, const Architecture& arch);

/// DINOv2: positions for any picture, scaled parts, a gated feed-forward part where the config asks.
Architecture read_dinov2_config(ConfigReader& config, int patch_size);

/// ViT, DeiT, BEiT and DINOv2 under the names of transformers 4 and 5.
std::vector<FileWeight> vit_file_weights(const Architecture& arch);
/// The vision tower of CLIP and SigLIP.
std::vector<FileWeight> clip_file_weights(const Architecture& arch);

/// The same of a model that has a tower for text beside it: `vision_config` where the config has it.
Architecture read_tower_config(ConfigReader& config, const VitDefaults& defaults);

/// Heads, poolers and masks: nothing that makes attention.
bool is_vit_extra(std::string_view name, const Architecture& arch);
/// The tower for text, projections and heads.
bool is_tower_extra(std::string_view name, const Architecture& arch);

nlohmann::json vit_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
