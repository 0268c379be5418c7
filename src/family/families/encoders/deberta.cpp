// DeBERTa 1: queries, keys and values in one matrix, head by head; scores have a content-to-position and a
// position-to-content part. He et al. 2021a.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/deberta_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "deberta", "DebertaFor");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50265;
    defaults.num_types = 0;
    defaults.norm_eps = 1e-7;
    Architecture arch = read_deberta_config(config, defaults);
    arch.has_key_bias = arch.has_position_key_bias = arch.shares_position_projection = false;
    if (config.boolean_or({"talking_head"}, false))
        config.fail_with(ErrorKind::Unsupported, "'talking_head' is true: heads that mix are not supported");
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    table.add("encoder.rel_embeddings", "relative_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("encoder.layer.{}.", i), self = file + "attention.self.",
                          to = layer_slot(i);
        FileWeight fused{self + "in_proj.weight", {to + "query", to + "key", to + "value"}};
        fused.num_groups = arch.num_heads;
        table.exact(std::move(fused));
        table.exact({self + "q_bias", {to + "query_bias"}});
        table.exact({self + "v_bias", {to + "value_bias"}});
        table.add(self + "pos_proj", to + "position_key");
        table.add(self + "pos_q_proj", to + "position_query");
        table.add(file + "attention.output.dense", to + "output");
        table.add(file + "attention.output.LayerNorm", to + "attention_norm");
        table.add(file + "intermediate.dense", to + "up");
        table.add(file + "output.dense", to + "down");
        table.add(file + "output.LayerNorm", to + "mlp_norm");
    }
    add_bert_head(table, deberta_head(arch));
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "deberta");
    config["relative_attention"] = true;
    config["pos_att_type"] = {"c2p", "p2c"};
    config["position_biased_input"] = false;
    return config;
}

}  // namespace

extern const Family k_family_deberta = {"deberta",        "DeBERTa",     "deberta.",
                                        matches,          read_config,   file_weights,
                                        is_deberta_extra, random_config, adapt_deberta};

}  // namespace headlight
