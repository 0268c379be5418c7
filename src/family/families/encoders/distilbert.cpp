// DistilBERT: BERT without token types, under names of its own. Sanh et al. 2019.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"vocab_transform", "vocab_layer_norm", "vocab_projector",
                                 "vocab_projector.bias"};
constexpr BertLayerNames kLayer = {"attention.q_lin",   "attention.k_lin",  "attention.v_lin",
                                   "attention.out_lin", "sa_layer_norm",    "ffn.lin1",
                                   "ffn.lin2",          "output_layer_norm"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "distilbert", "DistilBert");
}

/// `sinusoidal_pos_embds` only says how the table was filled: it is in the file either way.
Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.num_layers = 6;
    defaults.num_types = 0;
    defaults.activation_key = "activation";
    defaults.intermediate_key = "hidden_dim";
    Architecture arch = read_bert_config(config, defaults);
    arch.norm_eps = 1e-12;  // not in the config
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    for (int i = 0; i < arch.num_layers; ++i) {
        add_bert_layer(table, fmt::format("transformer.layer.{}.", i), layer_slot(i), kLayer);
    }
    add_bert_head(table, kHead);
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "distilbert"},
            {"dim", request.hidden_size},
            {"n_heads", request.num_heads},
            {"n_layers", request.num_layers},
            {"hidden_dim", 4 * std::int64_t{request.hidden_size}},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions}};
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_distilbert = {"distilbert", "DistilBERT", "distilbert.", matches, read_config,
                                           file_weights, is_ignored,   random_config, adapt};

}  // namespace headlight
