// SqueezeBERT: BERT whose dense layers read a share of the values each. Iandola et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr double kBlockEps = 1e-12;  // of the norms in blocks, whatever the config says

bool matches(const nlohmann::json& config) {
    return config_says(config, "squeezebert", "SqueezeBert");
}

int read_groups(ConfigReader& config, const char* key, int otherwise, int in, int out) {
    const int groups = config.integer_or({key}, 1, kMostHidden, otherwise);
    if (in % groups != 0 || out % groups != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("'{}' is {}, which does not divide {} and {}", key, groups, in, out));
    }
    return groups;
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_bert_config(config);
    const int hidden = arch.hidden_size, inner = arch.intermediate_size;
    if (arch.norm_eps != kBlockEps) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'layer_norm_eps' is {}: supported is {}, as inside SqueezeBERT's blocks",
                        arch.norm_eps, kBlockEps));
    }
    if (config.integer_or({"embedding_size"}, 1, kMostHidden, 768) != hidden)
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'embedding_size' must be hidden_size ({})", hidden));
    arch.groups = {.query = read_groups(config, "q_groups", 4, hidden, hidden),
                   .key = read_groups(config, "k_groups", 4, hidden, hidden),
                   .value = read_groups(config, "v_groups", 4, hidden, hidden),
                   .output = read_groups(config, "post_attention_groups", 1, hidden, hidden),
                   .up = read_groups(config, "intermediate_groups", 4, hidden, inner),
                   .down = read_groups(config, "output_groups", 4, inner, hidden)};
    return arch;
}

/// A convolution of width 1: [out, in / groups, 1].
void add_convolution(WeightTable& table, const std::string& file, const std::string& slot, std::int64_t out,
                     std::int64_t in, int groups) {
    FileWeight weight{file + ".weight", {slot}};
    weight.axes = {out, in / groups, 1};
    weight.num_blocks = groups;
    table.exact(std::move(weight));
    table.exact({file + ".bias", {slot + "_bias"}});
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    const std::int64_t hidden = arch.hidden_size, inner = arch.intermediate_size;
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("encoder.layers.{}.", i), to = layer_slot(i);
        add_convolution(table, file + "attention.query", to + "query", hidden, hidden, arch.groups.query);
        add_convolution(table, file + "attention.key", to + "key", hidden, hidden, arch.groups.key);
        add_convolution(table, file + "attention.value", to + "value", hidden, hidden, arch.groups.value);
        add_convolution(table, file + "post_attention.conv1d", to + "output", hidden, hidden,
                        arch.groups.output);
        table.add(file + "post_attention.layernorm", to + "attention_norm");
        add_convolution(table, file + "intermediate.conv1d", to + "up", inner, hidden, arch.groups.up);
        add_convolution(table, file + "output.conv1d", to + "down", hidden, inner, arch.groups.down);
        table.add(file + "output.layernorm", to + "mlp_norm");
    }
    add_bert_head(table, kBertHead);
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "squeezebert");
    config["embedding_size"] = request.hidden_size;
    for (const char* key : {"q_groups", "k_groups", "v_groups", "intermediate_groups", "output_groups"})
        config[key] = 1;
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_squeezebert = {"squeezebert", "SqueezeBERT", "transformer.",
                                            matches,       read_config,   file_weights,
                                            is_ignored,    random_config, adapt};

}  // namespace headlight
