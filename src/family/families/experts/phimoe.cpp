// Phi-3.5-MoE: layer norms, biases, LongRoPE with a factor of its own for short and for long texts, and two
// experts that are picked one after the other. Abdin et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "phimoe", "Phimoe");
}

/// LongRoPE whose `short_mscale` and `long_mscale` take the place of the usual factor. Frequencies are the
/// short ones at every length, as the reference library has it.
void read_mscales(ConfigReader& config, Architecture& arch) {
    if (arch.rope.scaling == RopeScaling::Default) return;
    if (arch.rope.scaling != RopeScaling::LongRope) {
        config.fail_with(ErrorKind::Unsupported, "Phi-3.5-MoE knows no rotary scaling but 'longrope'");
        return;
    }
    const nlohmann::json* dict = config.object({"rope_scaling"});
    if (dict == nullptr || dict->empty()) dict = config.object({"rope_parameters"});
    ConfigReader reader(*dict, config.file(), "rope_parameters.");
    arch.rope.attention_factor = reader.number({"short_mscale"}, 1e-6, 1e6);
    arch.rope.long_attention_factor = reader.number({"long_mscale"}, 1e-6, 1e6);
    arch.rope.long_factor = arch.rope.short_factor;
    if (auto status = reader.status(); !status) config.fail_with(status.error().kind, status.error().message);
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 1e6;
    defaults.vocab_size = 32064;
    defaults.num_heads = 32;
    defaults.num_kv_heads = 8;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.norm = NormKind::LayerNorm;
    arch.has_norm_bias = true;
    arch.has_mlp_bias = false;
    arch.has_head_bias = config.boolean_or({"lm_head_bias"}, false);
    set_window(arch, read_window(config, 0));
    read_mscales(config, arch);
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_local_experts"}, 2, kMostExperts, 16);
    moe.expert_size = arch.intermediate_size;
    moe.experts_per_token = 2;  // whatever num_experts_per_tok says
    moe.router = RouterKind::SparseMixer;
    moe.mixer_reach = 2 * config.number_or({"router_jitter_noise"}, 0, 1e6, 0.01);
    return arch;
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "phimoe");
    config["num_local_experts"] = 4;
    config["attention_bias"] = true;
    return config;
}

}  // namespace

extern const Family k_family_phimoe = {"phimoe",    "Phi-3.5-MoE",        "model.",       matches,
                                       read_config, mixtral_file_weights, is_llama_extra, random_config};

}  // namespace headlight
