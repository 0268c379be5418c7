// dots.llm1: norms of queries and keys, and experts picked as DeepSeek V3 picks them. Huo et al. 2025.
#include <nlohmann/json.hpp>

#include "family/lines/deepseek_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "dots1", "Dots1");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.vocab_size = 152064;
    defaults.num_heads = 32;
    defaults.num_kv_heads = 32;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    const int window = read_window(config, 4096);
    const int first = config.integer_or({"max_window_layers"}, 0, kMostPositions, 62);
    read_windows(config, arch, window, [&](int layer) { return window > 0 && layer >= first; });
    DeepseekExperts experts{"num_local_experts"};
    experts.num_shared = 0;
    experts.normalizes = false;
    experts.expert_size = 1408;
    read_deepseek_experts(config, arch, experts);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = deepseek_random_config(request, "dots1");
    config["n_shared_experts"] = 1;
    return config;
}

}  // namespace

extern const Family k_family_dots1 = {"dots1",     "dots.llm1",           "model.",          matches,
                                      read_config, deepseek_file_weights, is_deepseek_extra, random_config};

}  // namespace headlight
