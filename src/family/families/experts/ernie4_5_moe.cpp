// ERNIE 4.5 with experts: neighbours rotate, a bias helps to pick the experts, shared ones stand beside them.
// Baidu 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "ernie4_5_moe", "Ernie4_5_Moe");
}

void read_experts(ConfigReader& config, Architecture& arch) {
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_experts", "moe_num_experts"}, 1, kMostExperts, 64);
    moe.experts_per_token = config.integer_or({"num_experts_per_tok", "moe_k"}, 1, kMostExperts, 6);
    moe.expert_size = config.integer_or({"moe_intermediate_size"}, 1, kMostIntermediate / 64, 1536);
    moe.shared_expert_size = moe.expert_size * config.integer_or({"moe_num_shared_experts"}, 0, 64, 2);
    moe.has_shared_gate = false;
    moe.has_choice_bias = true;
    moe.least_weight_sum = config.number_or({"moe_norm_min"}, 0, 1e9, 1e-12);
    const int first = config.integer_or({"moe_layer_start_index"}, 0, kMostLayers, 1);
    const int end = config.integer_or({"moe_layer_end_index"}, -1, kMostLayers, -1);
    const int last = end == -1 ? arch.num_layers - 1 : end;
    const int step = config.integer_or({"moe_layer_interval"}, 1, kMostLayers, 1);
    for (int layer = 0; layer < arch.num_layers; ++layer)
        moe.is_sparse.push_back((layer + 1) % step == 0 && layer >= first && layer <= last);
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 500000.0;
    defaults.vocab_size = 103424;
    defaults.num_heads = 20;
    defaults.num_kv_heads = 4;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = arch.has_head_bias =
        config.boolean_or({"use_bias"}, false);
    arch.rope.pairing = RopePairing::Neighbours;
    read_experts(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_qwen_mlp(table, layer, "shared_experts");
        FileWeight bias{layer + "mlp.moe_statics.e_score_correction_bias", {layer + "choice_bias"}};
        bias.num_rows = 1;
        table.exact(std::move(bias));
    }
    add_llama_ends(table);
    return table.take();
}

/// A layer after the last predicts further tokens.
bool is_extra(std::string_view name, const Architecture& arch) {
    return is_llama_extra(name, arch) || name.starts_with("mtp_");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "ernie4_5_moe");
    config["moe_num_experts"] = 4;
    config["moe_k"] = 2;
    config["moe_intermediate_size"] = 16;
    return config;
}

}  // namespace

extern const Family k_family_ernie4_5_moe = {"ernie4_5_moe", "ERNIE 4.5 MoE", "model.", matches,
                                             read_config,    file_weights,    is_extra, random_config};

}  // namespace headlight
