// SmolLM 3: Llama's block, of which every fourth does not rotate. Bakouch et al. 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "smollm3", "SmolLM3");
}

/// `no_rope_layers` holds 1 for layers that do rotate.
void read_rotating(ConfigReader& config, Architecture& arch) {
    const int interval = config.integer_or({"no_rope_layer_interval"}, 1, kMostLayers, 4);
    const std::vector<int> listed = config.integers("no_rope_layers", kMostLayers, 0, 1);
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const auto index = static_cast<std::size_t>(layer);
        if (!listed.empty() && index >= listed.size()) {
            config.fail_with(ErrorKind::Corrupt,
                             fmt::format("the config's no_rope_layers has {} entries for {} layers",
                                         listed.size(), arch.num_layers));
            return;
        }
        const bool rotates = listed.empty() ? (layer + 1) % interval != 0 : listed[index] != 0;
        arch.rope_use.push_back(rotates ? RopeUse::Main : RopeUse::None);
    }
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 2e6;
    defaults.max_positions = 32768;
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    read_rotating(config, arch);
    const int window = config.boolean_or({"use_sliding_window"}, false) ? read_window(config, 0) : 0;
    read_windows(config, arch, window,
                 [&](int layer) { return window > 0 && arch.rope_of(layer) == RopeUse::None; });
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "smollm3");
}

}  // namespace

extern const Family k_family_smollm3 = {"smollm3",   "SmolLM3",          "model.",       matches,
                                        read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
