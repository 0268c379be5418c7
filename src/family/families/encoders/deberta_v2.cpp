// DeBERTa-v2 and v3: scores have a content-to-position and a position-to-content part over relative
// embeddings. He et al. 2021a, b.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/deberta_layout.h"

namespace headlight {
namespace {

constexpr BertLayerNames kLayer = {"attention.self.query_proj", "attention.self.key_proj",
                                   "attention.self.value_proj"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "deberta-v2", "DebertaV2");
}

/// Buckets of distance grow from half their number on up to max_relative_positions: that needs room between
/// the two.
void check_buckets(ConfigReader& config, const Architecture& arch) {
    if (arch.num_buckets == 0 || (arch.num_buckets >= 2 && arch.max_distance - 1 > arch.num_buckets / 2))
        return;
    config.fail_with(
        ErrorKind::Unsupported,
        fmt::format("'position_buckets' is {} with {} relative positions: buckets need at least 2 and fewer "
                    "than twice the positions",
                    arch.num_buckets, arch.max_distance));
}

void read_buckets(ConfigReader& config, Architecture& arch) {
    arch.num_buckets = std::max(0, config.integer_or({"position_buckets"}, -1, kMostPositions, -1));
    arch.shares_position_projection = config.boolean_or({"share_att_key"}, false);
    const std::vector<std::string> norms = config.words({"norm_rel_ebd"});
    if (arch.score_bias != ScoreBias::Disentangled) return;
    arch.has_relative_norm = std::find(norms.begin(), norms.end(), "layer_norm") != norms.end();
    check_buckets(config, arch);
}

void read_convolution(ConfigReader& config, Architecture& arch) {
    arch.conv_kernel_size = config.integer_or({"conv_kernel_size"}, 0, 4096, 0);
    if (arch.conv_kernel_size == 0) return;
    arch.conv_groups = config.integer_or({"conv_groups"}, 1, kMostHidden, 1);
    arch.conv_activation = read_activation(config, {"conv_act"}, "tanh");
    if (arch.conv_kernel_size % 2 == 0) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'conv_kernel_size' is {}: an even width has no output per token",
                                     arch.conv_kernel_size));
    }
    if (arch.hidden_size % arch.conv_groups != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("hidden_size ({}) is not a multiple of 'conv_groups' ({})",
                                     arch.hidden_size, arch.conv_groups));
    }
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 128100;
    defaults.hidden_size = 1536;
    defaults.num_layers = defaults.num_heads = 24;
    defaults.intermediate_size = 6144;
    defaults.num_types = 0;
    defaults.norm_eps = 1e-7;
    Architecture arch = read_deberta_config(config, defaults);
    read_buckets(config, arch);
    read_convolution(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    table.add("encoder.rel_embeddings", "relative_embedding");
    table.add("encoder.LayerNorm", "relative_norm");
    table.add("encoder.conv.conv", "convolution");
    table.add("encoder.conv.LayerNorm", "convolution_norm");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("encoder.layer.{}.", i);
        add_bert_layer(table, file, layer_slot(i), kLayer);
        table.add(file + "attention.self.pos_key_proj", layer_slot(i) + "position_key");
        table.add(file + "attention.self.pos_query_proj", layer_slot(i) + "position_query");
    }
    add_bert_head(table, deberta_head(arch));
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "deberta-v2");
    config["relative_attention"] = true;
    config["pos_att_type"] = {"p2c", "c2p"};
    config["position_buckets"] = 16;
    config["share_att_key"] = true;
    config["norm_rel_ebd"] = "layer_norm";
    config["position_biased_input"] = false;
    return config;
}

}  // namespace

extern const Family k_family_deberta_v2 = {"deberta_v2",     "DeBERTa-v2/v3", "deberta.",
                                           matches,          read_config,     file_weights,
                                           is_deberta_extra, random_config,   adapt_deberta};

}  // namespace headlight
