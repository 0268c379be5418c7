// ConvBERT: half of each block's heads are a convolution whose kernel every token makes itself. Jiang et al.
// 2020.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"generator_predictions.dense", "generator_predictions.LayerNorm",
                                 "generator_lm_head", "generator_lm_head.bias"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "convbert", "ConvBert");
}

/// Of the config's heads one in `head_ratio` is left, as wide as all of them leave half of hidden_size to it.
void read_half_heads(ConfigReader& config, Architecture& arch) {
    const int ratio = config.integer_or({"head_ratio"}, 1, kMostHeads, 2);
    arch.num_heads = arch.num_kv_heads = std::max(1, arch.num_heads / ratio);
    arch.head_dim = arch.hidden_size / arch.num_heads / 2;
    if (arch.num_heads * arch.head_dim * 2 != arch.hidden_size) {
        config.fail_with(
            ErrorKind::Corrupt,
            fmt::format("hidden_size ({}) is not twice {} heads (num_attention_heads / head_ratio)",
                        arch.hidden_size, arch.num_heads));
    }
    set_scale(arch);
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_bert_config(config);
    arch.embedding_size = config.integer_or({"embedding_size"}, 1, kMostHidden, 768);
    arch.head_transform.size = arch.embedding_size;
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    read_half_heads(config, arch);
    arch.span_kernel_size = config.integer_or({"conv_kernel_size"}, 1, 4096, 9);
    if (arch.span_kernel_size % 2 == 0) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'conv_kernel_size' is {}: an even width has no output per token",
                                     arch.span_kernel_size));
    }
    const int groups = config.integer_or({"num_groups"}, 1, kMostHidden, 1);
    if (arch.hidden_size % groups != 0 || arch.intermediate_size % groups != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("'num_groups' is {}, which does not divide {} and {}", groups,
                                     arch.hidden_size, arch.intermediate_size));
    }
    arch.groups.up = arch.groups.down = groups;
    return arch;
}

/// [groups, in / groups, out / groups] where there are groups.
void add_dense(WeightTable& table, const std::string& file, const std::string& slot, int groups) {
    FileWeight weight{file + ".weight", {slot}, groups > 1};
    weight.num_blocks = groups;
    table.exact(std::move(weight));
    table.exact({file + ".bias", {slot + "_bias"}});
}

void add_convolution(WeightTable& table, const Architecture& arch, const std::string& self,
                     const std::string& to) {
    table.exact({self + "key_conv_attn_layer.depthwise.weight", {to + "span_depthwise"}});
    FileWeight pointwise{self + "key_conv_attn_layer.pointwise.weight", {to + "span_key"}};
    pointwise.axes = {arch.query_size(), arch.hidden_size, 1};
    table.exact(std::move(pointwise));
    FileWeight bias{self + "key_conv_attn_layer.bias", {to + "span_key_bias"}};
    bias.axes = {arch.query_size(), 1};
    table.exact(std::move(bias));
    table.add(self + "conv_kernel_layer", to + "span_kernel");
    table.add(self + "conv_out_layer", to + "span_value");
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    table.add("embeddings_project", "embedding_projection");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("encoder.layer.{}.", i), self = file + "attention.self.",
                          to = layer_slot(i);
        table.add(self + "query", to + "query");
        table.add(self + "key", to + "key");
        table.add(self + "value", to + "value");
        add_convolution(table, arch, self, to);
        FileWeight both{file + "attention.output.dense.weight", {to + "output", to + "span_output"}};
        both.has_columns = true;
        table.exact(std::move(both));
        table.exact({file + "attention.output.dense.bias", {to + "output_bias"}});
        table.add(file + "attention.output.LayerNorm", to + "attention_norm");
        add_dense(table, file + "intermediate.dense", to + "up", arch.groups.up);
        add_dense(table, file + "output.dense", to + "down", arch.groups.down);
        table.add(file + "output.LayerNorm", to + "mlp_norm");
    }
    add_bert_head(table, kHead);
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "convbert");
    config["embedding_size"] = request.hidden_size;
    config["head_ratio"] = 1;
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_convbert = {"convbert",   "ConvBERT", "convbert.",   matches, read_config,
                                         file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
