// OLMo 3: OLMo 2 with a window in three layers of four, whose rotation no scaling stretches. OLMo Team 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

constexpr double kTheta = 500000.0;

bool matches(const nlohmann::json& config) {
    return config_says(config, "olmo3", "Olmo3");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.norm_eps = 1e-5;
    defaults.reads_rope = false;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.norm_place = NormPlace::OnOutput;
    arch.qk_norm = Architecture::QkNorm::Whole;
    read_windows(config, arch, read_window(config, 4096), [](int layer) { return (layer + 1) % 4 != 0; });
    read_layer_rope(config, arch, arch.rope, {"full_attention", "rope_theta", kTheta});
    read_layer_rope(config, arch, arch.local_rope, {"sliding_attention", nullptr, kTheta, false});
    const RopeScaling local = arch.local_rope.scaling;
    if (local == RopeScaling::Dynamic || local == RopeScaling::LongRope) {
        config.fail_with(
            ErrorKind::Unsupported,
            "'rope_parameters.sliding_attention' of a kind that depends on the length of the text "
            "('dynamic', 'longrope') is not supported");
    }
    for (int layer = 0; layer < arch.num_layers; ++layer)
        arch.rope_use.push_back(arch.window_of(layer) > 0 ? RopeUse::Local : RopeUse::Main);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "olmo3");
}

}  // namespace

extern const Family k_family_olmo3 = {"olmo3",     "OLMo 3",           "model.",       matches,
                                      read_config, olmo2_file_weights, is_llama_extra, random_config};

}  // namespace headlight
