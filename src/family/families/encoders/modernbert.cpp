// ModernBERT: rotary positions with a base each for global and local layers, gated feed-forward parts, norms
// before each part. Warner et al. 2024.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"head.dense", "head.norm", "decoder", "decoder.bias"};
constexpr double kGlobalTheta = 160000.0, kLocalTheta = 10000.0;

bool matches(const nlohmann::json& config) {
    return config_says(config, "modernbert", "ModernBertFor");
}

/// `local_attention` is the full width: half of it to either side.
void read_local_layers(ConfigReader& config, Architecture& arch) {
    const int every = config.integer_or({"global_attn_every_n_layers"}, 1, kMostLayers, 3);
    const int width = config.integer_or({"local_attention"}, 0, kMostPositions, 128);
    read_windows(config, arch, std::max(1, width / 2), [&](int layer) { return layer % every != 0; });
    if (!arch.window.empty() && width < 2) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'local_attention' is {}: layers that see their own token only are not supported",
                        width));
    }
    for (int i = 0; i < arch.num_layers; ++i) {
        arch.rope_use.push_back(arch.window_of(i) > 0 ? RopeUse::Local : RopeUse::Main);
    }
}

void read_rotations(ConfigReader& config, Architecture& arch) {
    read_layer_rope(config, arch, arch.rope, {"full_attention", "global_rope_theta", kGlobalTheta});
    // Null says that local layers rotate as the global ones do.
    const bool is_null = config.mentions("local_rope_theta") && !config.has({"local_rope_theta"});
    read_layer_rope(config, arch, arch.local_rope,
                    {"sliding_attention", "local_rope_theta", is_null ? arch.rope.theta : kLocalTheta});
}

void read_head(ConfigReader& config, Architecture& arch) {
    arch.is_masked_head = true;
    arch.has_head_bias = config.boolean_or({"decoder_bias"}, true);
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    arch.head_transform.is_present = true;
    arch.head_transform.size = arch.hidden_size;
    arch.head_transform.has_bias = config.boolean_or({"classifier_bias"}, false);
    arch.head_transform.activation = read_activation(config, {"classifier_activation"}, "gelu");
    arch.head_transform.has_norm_bias = arch.has_norm_bias;
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer_or({"hidden_size"}, 1, kMostHidden, 768);
    arch.num_layers = config.integer_or({"num_hidden_layers"}, 1, kMostLayers, 22);
    arch.num_heads = arch.num_kv_heads = config.integer_or({"num_attention_heads"}, 1, kMostHeads, 12);
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    arch.intermediate_size = config.integer_or({"intermediate_size"}, 1, kMostIntermediate, 1152);
    arch.vocab_size = config.integer_or({"vocab_size"}, 1, kMostVocab, 50368);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, 8192);
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"norm_eps"}, 0, 1, 1e-5);
    arch.has_norm_bias = config.boolean_or({"norm_bias"}, false);
    arch.has_embedding_norm = arch.skips_first_norm = true;
    arch.position = PositionKind::Rotary;
    arch.is_causal = false;
    arch.activation = read_activation(config, {"hidden_activation"}, "gelu");
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, false);
    arch.has_mlp_bias = config.boolean_or({"mlp_bias"}, false);
    read_local_layers(config, arch);
    read_rotations(config, arch);
    read_head(config, arch);
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embeddings.tok_embeddings", "token_embedding");
    table.add("embeddings.norm", "embedding_norm");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "attn_norm", layer + "attention_norm");
        table.fused(layer + "attn.Wqkv", {layer + "query", layer + "key", layer + "value"});
        table.add(layer + "attn.Wo", layer + "output");
        table.add(layer + "mlp_norm", layer + "mlp_norm");
        table.fused(layer + "mlp.Wi", {layer + "gate", layer + "up"});
        table.add(layer + "mlp.Wo", layer + "down");
    }
    table.add("final_norm", "final_norm");
    add_bert_head(table, kHead);
    return table.take();
}

/// "head." is that of classifiers too: theirs come with a `classifier`.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bert_extra(name) || is_head_copy(name, kHead) || (!arch.has_head && name.starts_with("head."));
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "modernbert");
    config["local_attention"] = 8;
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
    if (has("classifier.weight")) arch.has_head = false;
}

}  // namespace

extern const Family k_family_modernbert = {"modernbert", "ModernBERT", "model.",      matches, read_config,
                                           file_weights, is_ignored,   random_config, adapt};

}  // namespace headlight
