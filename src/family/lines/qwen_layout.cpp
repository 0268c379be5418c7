#include "family/lines/qwen_layout.h"

#include <nlohmann/json.hpp>

namespace headlight {

int read_switched_window(ConfigReader& config) {
    return config.boolean_or({"use_sliding_window"}, false) ? read_window(config, 4096) : 0;
}

void read_qwen_windows(ConfigReader& config, Architecture& arch) {
    const int window = read_switched_window(config);
    const int first = config.integer_or({"max_window_layers"}, 0, kMostPositions, 28);
    read_windows(config, arch, window, [&](int layer) { return window > 0 && layer >= first; });
}

void read_qwen_experts(ConfigReader& config, Architecture& arch, const ExpertDefaults& defaults) {
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({defaults.first_key, "num_experts", "num_local_experts"}, 0,
                                        kMostExperts, defaults.num_experts);
    moe.experts_per_token =
        config.integer_or({"num_experts_per_tok"}, 1, kMostExperts, defaults.experts_per_token);
    moe.expert_size =
        config.integer_or({"moe_intermediate_size"}, 1, kMostIntermediate, defaults.expert_size);
    moe.normalizes_weights = config.boolean_or({"norm_topk_prob"}, false);
    const int step = config.integer_or({"decoder_sparse_step"}, 1, kMostLayers, 1);
    moe.is_sparse.clear();
    for (int layer = 0; layer < arch.num_layers; ++layer)
        moe.is_sparse.push_back((layer + 1) % step == 0);
    for (const int layer : config.integers("mlp_only_layers", kMostLayers, 0, kMostLayers)) {
        if (layer < arch.num_layers) moe.is_sparse[static_cast<std::size_t>(layer)] = 0;
    }
}

void add_qwen_mlp(WeightTable& table, const std::string& layer, const char* shared) {
    add_llama_mlp(table, layer);
    table.add(layer + "mlp.gate", layer + "router");
    for (int i = 0; table.has(layer + "experts." + std::to_string(i) + ".gate"); ++i) {
        const std::string expert = "experts." + std::to_string(i) + ".";
        for (const char* part : {"gate", "up", "down"}) {
            table.add(layer + "mlp." + expert + part + "_proj", layer + expert + part);
        }
    }
    for (const char* part : {"gate", "up", "down"}) {
        table.add(layer + "mlp." + shared + "." + part + "_proj", layer + "shared_expert." + part);
    }
    table.add(layer + "mlp.shared_expert_gate", layer + "shared_gate");
}

void add_mixtral_experts(WeightTable& table, const std::string& layer, int num_experts) {
    const std::string file = layer + "block_sparse_moe.";
    table.add(file + "gate", layer + "router");
    for (int i = 0; i < num_experts; ++i) {
        const std::string expert = "experts." + std::to_string(i) + ".";
        table.add(file + expert + "w1", layer + expert + "gate");
        table.add(file + expert + "w2", layer + expert + "down");
        table.add(file + expert + "w3", layer + expert + "up");
    }
}

std::vector<FileWeight> qwen_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_qwen_mlp(table, layer);
    }
    add_llama_ends(table);
    return table.take();
}

std::vector<FileWeight> mixtral_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_mixtral_experts(table, layer, arch.moe.num_experts);
    }
    add_llama_ends(table);
    return table.take();
}

}  // namespace headlight
