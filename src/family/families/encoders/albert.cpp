// ALBERT: BERT whose layers share their weights in groups, over a narrow token table. Lan et al. 2020.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"predictions.dense", "predictions.LayerNorm", "predictions.decoder",
                                 "predictions.bias"};
constexpr BertLayerNames kLayer = {"attention.query", "attention.key",        "attention.value",
                                   "attention.dense", "attention.LayerNorm",  "ffn",
                                   "ffn_output",      "full_layer_layer_norm"};
constexpr std::string_view kGroups = "encoder.albert_layer_groups.";

bool matches(const nlohmann::json& config) {
    return config_says(config, "albert", "Albert");
}

/// Layer i of `num_hidden_layers` uses group i / (layers / groups), and each use of a group runs all of its
/// inner layers: what we call layers are those.
void read_groups(ConfigReader& config, Architecture& arch) {
    const int num_groups = config.integer_or({"num_hidden_groups"}, 1, kMostLayers, 1);
    arch.layers_per_group = config.integer_or({"inner_group_num"}, 1, kMostLayers, 1);
    const int num_steps = arch.num_layers;
    if (std::int64_t{num_steps} * arch.layers_per_group > kMostLayers) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("{} layers of inner_group_num {} are more than {} blocks", num_steps,
                                     arch.layers_per_group, kMostLayers));
        return;
    }
    const double steps_per_group = static_cast<double>(num_steps) / num_groups;
    for (int step = 0; step < num_steps; ++step) {
        const int group = std::min(num_groups - 1, static_cast<int>(step / steps_per_group));
        for (int inner = 0; inner < arch.layers_per_group; ++inner) {
            arch.stored_layer.push_back(group * arch.layers_per_group + inner);
        }
    }
    arch.num_layers = num_steps * arch.layers_per_group;
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 30000;
    defaults.hidden_size = 4096;
    defaults.num_heads = 64;
    defaults.intermediate_size = 16384;
    defaults.activation = "gelu_new";
    Architecture arch = read_bert_config(config, defaults);
    arch.embedding_size = config.integer_or({"embedding_size"}, 1, kMostHidden, 128);
    arch.always_projects = true;
    arch.head_transform.size = arch.embedding_size;
    read_groups(config, arch);
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    table.add("encoder.embedding_hidden_mapping_in", "embedding_projection");
    for (int i = 0; i < arch.num_layers; ++i) {
        const int stored = arch.stored_layer[static_cast<std::size_t>(i)];
        const std::string file = fmt::format("{}{}.albert_layers.{}.", kGroups,
                                             stored / arch.layers_per_group, stored % arch.layers_per_group);
        add_bert_layer(table, file, layer_slot(i), kLayer);
    }
    add_bert_head(table, kHead);
    return table.take();
}

/// With more groups than layers some are never used.
bool is_unused_group(std::string_view name, const Architecture& arch) {
    if (!name.starts_with(kGroups)) return false;
    name.remove_prefix(kGroups.size());
    int group = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), group);
    if (error != std::errc() || end == name.data() + name.size() || *end != '.' || group >= kMostLayers)
        return false;
    return std::none_of(arch.stored_layer.begin(), arch.stored_layer.end(),
                        [&](int stored) { return stored / arch.layers_per_group == group; });
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bert_extra(name) || is_head_copy(name, kHead) || is_unused_group(name, arch);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "albert");
    config["embedding_size"] = std::max(1, request.hidden_size / 2);
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_albert = {"albert",     "ALBERT",   "albert.",     matches, read_config,
                                       file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
