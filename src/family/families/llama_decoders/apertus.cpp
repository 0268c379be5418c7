// Apertus: norms of each head's queries and keys, and xIELU with two learned numbers a block in place of a
// gate. Swiss AI 2025; xIELU: Huang et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "apertus", "ApertusFor");
}

/// What a config means that says nothing of rotation.
const nlohmann::json& usual_rope() {
    static const nlohmann::json rope = {{"rope_type", "llama3"},  {"rope_theta", 12000000.0},
                                        {"factor", 8.0},          {"original_max_position_embeddings", 8192},
                                        {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}};
    return rope;
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 12000000.0;
    defaults.rope.usual = &usual_rope();
    defaults.max_positions = 65536;
    defaults.norm_eps = 1e-5;
    defaults.activation = "xielu";
    defaults.knows_xielu = true;
    Architecture arch = read_llama_config(config, defaults);
    arch.is_gated = arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "attention_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "feedforward_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
        int part = 0;
        for (const char* name : {"alpha_p", "alpha_n", "beta", "eps"}) {
            FileWeight number{layer + "mlp.act_fn." + name, {layer + "activation"}};
            number.part = part++;
            number.num_parts = 4;
            table.exact(std::move(number));
        }
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "apertus");
}

}  // namespace

extern const Family k_family_apertus = {"apertus",   "Apertus",    "model.",       matches,
                                        read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
