// DeepSeek V2: keys and values of all heads out of one short vector per token, and many small experts beside
// shared ones. DeepSeek-AI 2024.
#include <nlohmann/json.hpp>

#include "family/lines/deepseek_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "deepseek_v2", "DeepseekV2");
}

/// A softmax picks experts, out of all or out of the groups that hold the largest weights.
void read_routing(ConfigReader& config, Architecture& arch) {
    MoeSettings& moe = arch.moe;
    moe.router = RouterKind::Softmax;
    moe.has_choice_bias = false;
    moe.normalizes_weights = false;  // whatever norm_topk_prob says
    moe.group_worth = GroupWorth::Largest;
    const std::string method = config.text_or({"topk_method"}, "greedy");
    if (method == "greedy") {
        moe.num_groups = moe.groups_per_token = 1;
    } else if (method != "group_limited_greedy") {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("experts chosen by '{}' (topk_method) are not supported (known: greedy, "
                                     "group_limited_greedy)",
                                     method.substr(0, 40)));
    }
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults = deepseek_defaults();
    defaults.vocab_size = 102400;
    defaults.num_heads = 32;
    Architecture arch = read_llama_config(config, defaults);
    read_latent_attention(config, arch);
    arch.rope.pairing = RopePairing::Neighbours;
    read_deepseek_experts(config, arch, {"num_experts", 64, 0, 1407, 2});
    read_routing(config, arch);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = deepseek_random_config(request, "deepseek_v2");
    add_random_latent(request, config);
    config["topk_method"] = "group_limited_greedy";
    return config;
}

}  // namespace

extern const Family k_family_deepseek_v2 = {"deepseek_v2",     "DeepSeek V2", "model.",
                                            matches,           read_config,   deepseek_file_weights,
                                            is_deepseek_extra, random_config};

}  // namespace headlight
