// DeBERTa-v2 and v3: scores have a content-to-position and a position-to-content part over relative
// embeddings. He et al. 2021a, b.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kOlder = kBertHead;
constexpr BertHeadNames kNewer = {"lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm",
                                  "lm_predictions.lm_head.decoder", "lm_predictions.lm_head.bias"};
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

void read_relative(ConfigReader& config, Architecture& arch) {
    for (const std::string& part : config.words({"pos_att_type"})) {
        if (part == "c2p") {
            arch.has_content_to_position = true;
        } else if (part == "p2c") {
            arch.has_position_to_content = true;
        } else {
            config.fail_with(ErrorKind::Unsupported,
                             fmt::format("'pos_att_type' names '{}' (known: c2p, p2c)", part.substr(0, 40)));
        }
    }
    // Parts of a score; the scale counts them, even where relative_attention is off.
    const int num_parts = 1 + (arch.has_content_to_position ? 1 : 0) + (arch.has_position_to_content ? 1 : 0);
    set_scale(arch, 1.0 / std::sqrt(static_cast<double>(arch.head_dim) * num_parts));
    const bool is_relative = config.boolean_or({"relative_attention"}, false);
    arch.max_distance = config.integer_or({"max_relative_positions"}, -1, kMostPositions, -1);
    if (arch.max_distance < 1) arch.max_distance = arch.max_positions;
    arch.num_buckets = std::max(0, config.integer_or({"position_buckets"}, -1, kMostPositions, -1));
    arch.shares_position_projection = config.boolean_or({"share_att_key"}, false);
    const std::vector<std::string> norms = config.words({"norm_rel_ebd"});
    if (!is_relative || num_parts == 1) {
        arch.has_content_to_position = arch.has_position_to_content = false;
        return;
    }
    arch.score_bias = ScoreBias::Disentangled;
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

void refuse_widths(ConfigReader& config, const Architecture& arch) {
    const int embedding = config.integer_or({"embedding_size"}, 1, kMostHidden, arch.hidden_size);
    const int head_size = config.integer_or({"attention_head_size"}, 1, kMostHeadDim, arch.head_dim);
    if (embedding != arch.hidden_size) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'embedding_size' is {}: a DeBERTa-v2 whose table is not as wide as hidden_size ({}) "
                        "is not supported",
                        embedding, arch.hidden_size));
    }
    if (head_size != arch.head_dim) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'attention_head_size' is {}, expected hidden_size / num_attention_heads ({})",
                        head_size, arch.head_dim));
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
    Architecture arch = read_bert_config(config, defaults);
    arch.num_token_types = config.integer_or({"type_vocab_size"}, 0, kMostVocab, 0);
    refuse_widths(config, arch);
    read_relative(config, arch);
    read_convolution(config, arch);
    if (!config.boolean_or({"position_biased_input"}, true)) arch.position = PositionKind::None;
    arch.head_transform.is_newer = !config.boolean_or({"legacy"}, true);
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
    add_bert_head(table, arch.head_transform.is_newer ? kNewer : kOlder);
    return table.take();
}

/// Parts that the config switches off and the head that is not asked for.
bool is_ignored(std::string_view name, const Architecture& arch) {
    const bool is_relative = arch.score_bias == ScoreBias::Disentangled;
    if (!is_relative && name.starts_with("encoder.rel_embeddings.")) return true;
    if (!arch.has_relative_norm && name.starts_with("encoder.LayerNorm.")) return true;
    if (arch.position == PositionKind::None && name.starts_with("embeddings.position_embeddings."))
        return true;
    const std::string_view other = arch.head_transform.is_newer ? "cls.predictions." : "lm_predictions.";
    return is_bert_extra(name) || name.starts_with(other) || name.starts_with("mask_predictions.") ||
           is_head_copy(name, kOlder) || is_head_copy(name, kNewer);
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

/// The head under the names that the config asks for or, if only the others are in the file, under those:
/// published v3 files hold the newer one without saying so.
void adapt(Architecture& arch, const HasTensor& has) {
    Architecture older = arch, newer = arch;
    adapt_bert_head(older, has, kOlder);
    adapt_bert_head(newer, has, kNewer);
    if (older.has_head != newer.has_head) arch.head_transform.is_newer = newer.has_head;
    arch.has_head = older.has_head || newer.has_head;
    if (arch.head_transform.is_newer) arch.is_head_tied = true;  // that head always reads the table
}

}  // namespace

extern const Family k_family_deberta_v2 = {"deberta_v2", "DeBERTa-v2/v3", "deberta.",    matches, read_config,
                                           file_weights, is_ignored,      random_config, adapt};

}  // namespace headlight
