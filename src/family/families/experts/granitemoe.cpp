// Granite 3 with experts: its multipliers, and experts whose weights are the softmax of those chosen; some
// with one more for every token. Granite Team 2024.
#include <nlohmann/json.hpp>

#include "family/lines/granite_layout.h"
#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "granitemoe", "GraniteMoeFor") ||
           config_says(config, "granitemoeshared", "GraniteMoeSharedFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.vocab_size = 32000;
    defaults.num_heads = 32;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    read_granite_multipliers(config, arch);
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_local_experts"}, 1, kMostExperts, 8);
    moe.experts_per_token = config.integer_or({"num_experts_per_tok"}, 1, kMostExperts, 2);
    moe.expert_size = arch.intermediate_size;
    if (config.text_or({"model_type"}, "") == "granitemoeshared") {
        moe.shared_expert_size = config.integer_or({"shared_intermediate_size"}, 0, kMostIntermediate, 0);
        moe.has_shared_gate = false;
    }
    return arch;
}

/// Experts lie along a first axis; in each, gate stands before up.
void add_experts(WeightTable& table, const Architecture& arch, const std::string& layer) {
    const std::string file = layer + "block_sparse_moe.";
    table.exact({.name = file + "router.layer.weight",
                 .slots = {layer + "router"},
                 .other_names = {file + "router.weight"}});
    FileWeight gates{file + "input_linear.weight", {}}, downs{file + "output_linear.weight", {}};
    for (int i = 0; i < arch.moe.num_experts; ++i) {
        const std::string expert = layer + "experts." + std::to_string(i) + ".";
        gates.slots.insert(gates.slots.end(), {expert + "gate", expert + "up"});
        downs.slots.push_back(expert + "down");
    }
    gates.num_stacked = downs.num_stacked = arch.moe.num_experts;
    gates.other_names = {file + "experts.gate_up_proj"};
    downs.other_names = {file + "experts.down_proj"};
    table.exact(std::move(gates));
    table.exact(std::move(downs));
    const std::string shared = layer + "shared_expert.";
    table.fused(layer + "shared_mlp.input_linear", {shared + "gate", shared + "up"});
    table.add(layer + "shared_mlp.output_linear", shared + "down");
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_experts(table, arch, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "granitemoe");
    config["num_local_experts"] = 4;
    return config;
}

}  // namespace

extern const Family k_family_granitemoe = {"granitemoe", "Granite-MoE", "model.",       matches,
                                           read_config,  file_weights,  is_llama_extra, random_config};

}  // namespace headlight
