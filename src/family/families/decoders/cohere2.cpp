// Command R7B: Command R's block; three layers in four look through a window and rotate, the fourth sees all
// and does not. Cohere 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "cohere2", "Cohere2");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.max_positions = 8192;
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, false);
    arch.has_mlp_bias = false;
    arch.rope.pairing = RopePairing::Neighbours;
    arch.is_parallel = arch.shares_norm = true;
    arch.logit_scale = config.number_or({"logit_scale"}, -1e9, 1e9, 0.0625);
    const int pattern = config.integer_or({"sliding_window_pattern"}, 1, kMostLayers, 4);
    read_windows(config, arch, read_window(config, 4096),
                 [&](int layer) { return (layer + 1) % pattern != 0; });
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        arch.rope_use.push_back(arch.window_of(layer) > 0 ? RopeUse::Main : RopeUse::None);
    }
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "cohere2");
}

}  // namespace

extern const Family k_family_cohere2 = {"cohere2",   "Cohere 2",         "model.",       matches,
                                        read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
