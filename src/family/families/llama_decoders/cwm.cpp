// Code World Model: Llama 3's block, three layers of four through a window. Meta 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "cwm", "CwmFor");
}

/// What a config means that says nothing of rotation.
const nlohmann::json& usual_rope() {
    static const nlohmann::json rope = {{"rope_type", "llama3"},  {"rope_theta", 1e6},
                                        {"factor", 16.0},         {"original_max_position_embeddings", 8192},
                                        {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}};
    return rope;
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 1e6;
    defaults.rope.usual = &usual_rope();
    defaults.num_kv_heads = 8;
    defaults.head_dim = 128;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = false;
    read_windows(config, arch, read_window(config, 8192), [](int layer) { return layer % 4 != 0; });
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "cwm");
    config["head_dim"] = request.hidden_size / request.num_heads;
    return config;
}

}  // namespace

extern const Family k_family_cwm = {
    "cwm", "CWM", "model.", matches, read_config, llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
