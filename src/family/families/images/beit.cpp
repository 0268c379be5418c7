// BEiT: positions as biases of the scores, by the step from patch to patch. Bao et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/vit_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "beit", "BeitFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_vit_config(config, {});
    arch.has_key_bias = false;
    arch.patches.has_positions = config.boolean_or({"use_absolute_position_embeddings"}, false);
    arch.has_layer_grid = config.boolean_or({"use_relative_position_bias"}, false);
    arch.has_shared_grid = config.boolean_or({"use_shared_relative_position_bias"}, false);
    if (arch.has_layer_grid || arch.has_shared_grid) arch.score_bias = ScoreBias::Grid;
    if (arch.patches.has_positions || arch.score_bias == ScoreBias::Grid) check_square_grid(config, arch);
    arch.has_layer_scale = config.number_or({"layer_scale_init_value"}, -1e6, 1e6, 0.1) > 0;
    arch.has_final_norm = !config.boolean_or({"use_mean_pooling"}, true);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return vit_random_config(request, "beit");
}

}  // namespace

extern const Family k_family_beit = {"beit",      "BEiT",           "beit.",      matches,
                                     read_config, vit_file_weights, is_vit_extra, random_config};

}  // namespace headlight
