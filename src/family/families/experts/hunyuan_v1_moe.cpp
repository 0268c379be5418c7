// Hunyuan with experts: its attention, whose queries and keys are normed after they are rotated, and one more
// expert for every token. Tencent 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "hunyuan_v1_moe", "HunYuanMoEV1");
}

/// One number for all layers, or the same for each.
int read_same(ConfigReader& config, const char* alias, const char* key) {
    if (config.has({alias}) || !config.is_list(key))
        return config.integer_or({alias, key}, 1, kMostExperts, 1);
    const std::vector<int> listed = config.integers(key, kMostLayers, 1, kMostExperts);
    for (const int one : listed) {
        if (one == listed.front()) continue;
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("layers that differ in '{}' ({} and {}) are not supported", key,
                                     listed.front(), one));
    }
    return listed.empty() ? 1 : listed.front();
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.takes_alpha = true;
    defaults.vocab_size = 290943;
    defaults.num_heads = 32;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    norm_after_rotation(config, arch);
    MoeSettings& moe = arch.moe;
    moe.num_experts = read_same(config, "num_local_experts", "num_experts");
    moe.experts_per_token = read_same(config, "num_experts_per_tok", "moe_topk");
    moe.expert_size = moe.shared_expert_size = arch.intermediate_size;
    moe.has_shared_gate = false;
    return arch;
}

void add_experts(WeightTable& table, const MoeSettings& moe, const std::string& layer) {
    const std::string file = layer + "mlp.";
    table.add(file + "gate.wg", layer + "router");
    for (const char* part : {"gate", "up", "down"}) {
        const std::string projection = std::string(part) + "_proj";
        table.add(file + "shared_mlp." + projection, layer + "shared_expert." + part);
        for (int i = 0; i < moe.num_experts; ++i) {
            const std::string expert = "experts." + std::to_string(i) + ".";
            table.add(file + expert + projection, layer + expert + part);
        }
    }
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_projections(table, layer);
        table.add(layer + "self_attn.query_layernorm", layer + "query_norm");
        table.add(layer + "self_attn.key_layernorm", layer + "key_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_experts(table, arch.moe, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "hunyuan_v1_moe");
    config["num_experts"] = 4;
    config["moe_topk"] = 2;
    return config;
}

}  // namespace

extern const Family k_family_hunyuan_v1_moe = {"hunyuan_v1_moe", "Hunyuan-MoE", "model.",
                                               matches,          read_config,   file_weights,
                                               is_llama_extra,   random_config};

}  // namespace headlight
