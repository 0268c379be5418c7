// MobileBERT: BERT whose blocks work on narrower copies of the residual stream, with several feed-forward
// parts each, and norms that are a gain and a bias alone. Sun et al. 2020.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mobilebert", "MobileBert");
}

/// The one form that was published.
void refuse_variants(ConfigReader& config) {
    const std::pair<const char*, bool> expected[] = {{"use_bottleneck", true},
                                                     {"use_bottleneck_attention", false},
                                                     {"key_query_shared_bottleneck", true},
                                                     {"trigram_input", true}};
    for (const auto& [key, value] : expected) {
        if (config.boolean_or({key}, value) == value) continue;
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'{}' is {}, supported is {}", key, !value, value));
    }
    const std::string norm = config.text_or({"normalization_type"}, "no_norm");
    if (norm != "no_norm") {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'normalization_type' is '{}', supported is 'no_norm'", norm.substr(0, 40)));
    }
}

Architecture read_config(ConfigReader& config) {
    refuse_variants(config);
    BertDefaults defaults;
    defaults.hidden_size = 512;
    defaults.num_layers = 24;
    defaults.num_heads = 4;
    defaults.intermediate_size = 512;
    defaults.activation = "relu";
    Architecture arch = read_bert_config(config, defaults);
    arch.norm = NormKind::Affine;
    arch.bottleneck_size = config.integer_or({"intra_bottleneck_size"}, 1, kMostHidden, 128);
    arch.head_dim = divide_heads(config, arch.bottleneck_size, arch.num_heads, "intra_bottleneck_size",
                                 "num_attention_heads");
    arch.num_mlps = config.integer_or({"num_feedforward_networks"}, 1, 64, 4);
    arch.embedding_size = config.integer_or({"embedding_size"}, 1, kMostHidden, 128);
    arch.has_trigrams = arch.always_projects = true;
    arch.projects_after_norm = false;
    arch.head_rest_size = arch.hidden_size - arch.embedding_size;
    if (arch.head_rest_size < 1) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'embedding_size' is {}: expected less than hidden_size ({})",
                                     arch.embedding_size, arch.hidden_size));
    }
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    table.add("embeddings.embedding_transformation", "embedding_projection");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("encoder.layer.{}.", i), to = layer_slot(i);
        table.add(file + "bottleneck.input.dense", to + "narrow");
        table.add(file + "bottleneck.input.LayerNorm", to + "narrow_norm");
        table.add(file + "bottleneck.attention.dense", to + "narrow_query");
        table.add(file + "bottleneck.attention.LayerNorm", to + "narrow_query_norm");
        add_bert_layer(table, file, to, {});
        for (int k = 0; k + 1 < arch.num_mlps; ++k) {
            const std::string part = fmt::format("{}ffn.{}.", file, k),
                              slot = fmt::format("{}mlps.{}.", to, k);
            table.add(part + "intermediate.dense", slot + "up");
            table.add(part + "output.dense", slot + "down");
            table.add(part + "output.LayerNorm", slot + "norm");
        }
        table.add(file + "output.bottleneck.dense", to + "widen");
        table.add(file + "output.bottleneck.LayerNorm", to + "widen_norm");
    }
    add_bert_head(table, kBertHead);
    table.exact({"cls.predictions.dense.weight", {"head_rest"}, true, false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead) ||
           (!arch.has_head && name == "cls.predictions.dense.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "mobilebert");
    config["intra_bottleneck_size"] =
        request.num_heads * std::max(1, request.hidden_size / 2 / std::max(1, request.num_heads));
    config["embedding_size"] = std::max(1, request.hidden_size / 2);
    config["num_feedforward_networks"] = 2;
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_mobilebert = {"mobilebert", "MobileBERT", "mobilebert.", matches, read_config,
                                           file_weights, is_ignored,   random_config, adapt};

}  // namespace headlight
