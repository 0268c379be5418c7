// Command R: both parts of a block read one layer norm without bias, neighbours rotate, logits are scaled.
// Cohere 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "cohere", "CohereFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 500000.0;
    defaults.max_positions = 8192;
    defaults.ties_head = true;
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, false);
    arch.has_mlp_bias = false;
    arch.rope.pairing = RopePairing::Neighbours;
    arch.is_parallel = arch.shares_norm = true;
    arch.logit_scale = config.number_or({"logit_scale"}, -1e9, 1e9, 0.0625);
    if (config.boolean_or({"use_qk_norm"}, false)) {
        arch.qk_norm = Architecture::QkNorm::PerHead;
        arch.qk_norm_kind = NormKind::LayerNorm;
        arch.has_qk_norm_gain_per_head = true;
    }
    return arch;
}

/// The gains are stored [heads, head_dim].
void add_head_norms(WeightTable& table, const Architecture& arch, const std::string& layer) {
    FileWeight query{layer + "self_attn.q_norm.weight", {layer + "query_norm"}};
    query.num_rows = arch.num_heads;
    table.exact(std::move(query));
    FileWeight key{layer + "self_attn.k_norm.weight", {layer + "key_norm"}};
    key.num_rows = arch.num_kv_heads;
    table.exact(std::move(key));
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_projections(table, layer);
        add_head_norms(table, arch, layer);
        add_llama_mlp(table, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "cohere");
}

}  // namespace

extern const Family k_family_cohere = {"cohere",    "Cohere",     "model.",       matches,
                                       read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
