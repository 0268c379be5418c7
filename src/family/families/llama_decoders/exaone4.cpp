// EXAONE 4: norms after each part and of each head's queries and keys; where layers have windows, only those
// rotate. LG AI Research 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "exaone4", "Exaone4For");
}

/// Layers that look through a window where the config does not list them.
int read_pattern(ConfigReader& config) {
    if (!config.mentions("sliding_window_pattern")) return 4;
    // Published configs spell the pattern out ("LLLG") and list the layers beside it, which counts.
    if (config.has({"layer_types"})) return 1;
    return config.integer({"sliding_window_pattern"}, 1, kMostLayers);
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = 32;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    arch.norm_place = NormPlace::OnOutput;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    const int window = read_window(config, 4096);
    const int pattern = window > 0 ? read_pattern(config) : 1;
    read_windows(config, arch, window, [&](int layer) { return (layer + 1) % pattern != 0; });
    for (int layer = 0; window > 0 && layer < arch.num_layers; ++layer)
        arch.rope_use.push_back(arch.window_of(layer) > 0 ? RopeUse::Main : RopeUse::None);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "exaone4");
}

}  // namespace

extern const Family k_family_exaone4 = {"exaone4",   "EXAONE 4",         "model.",       matches,
                                        read_config, olmo2_file_weights, is_llama_extra, random_config};

}  // namespace headlight
