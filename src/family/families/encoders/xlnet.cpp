// XLNet: both directions at once, scores by content and by the distance's sinusoids, no positions in the
// embeddings. One text without segments is one stream: the second stream of its training and the segments add
// nothing to it. Yang et al. 2019.
#include <nlohmann/json.hpp>

#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {
namespace {

constexpr const char* kBias = "lm_loss.bias";

bool matches(const nlohmann::json& config) {
    return config_says(config, "xlnet", "XLNet");
}

void refuse_variants(ConfigReader& config, const Architecture& arch) {
    const std::string kind = config.text_or({"attn_type"}, "bi");
    if (kind != "bi")
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'attn_type' is '{}', supported is 'bi'", kind.substr(0, 40)));
    if (config.boolean_or({"bi_data"}, false))
        config.fail_with(ErrorKind::Unsupported,
                         "'bi_data' is true: batches of two directions are not supported");
    if (arch.hidden_size % 2 != 0)
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'d_model' is {}: its sinusoids need an even width", arch.hidden_size));
    const int head_dim = config.integer_or({"d_head"}, 1, kMostHeadDim, arch.head_dim);
    if (head_dim != arch.head_dim)
        config.fail_with(ErrorKind::Corrupt, fmt::format("'d_head' is {}, expected d_model / n_head ({})",
                                                         head_dim, arch.head_dim));
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer_or({"hidden_size", "d_model"}, 1, kMostHidden, 1024);
    arch.num_layers = config.integer_or({"num_hidden_layers", "n_layer"}, 1, kMostLayers, 24);
    arch.num_heads = arch.num_kv_heads =
        config.integer_or({"num_attention_heads", "n_head"}, 1, kMostHeads, 16);
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "d_model", "n_head");
    arch.intermediate_size = config.integer_or({"d_inner"}, 1, kMostIntermediate, 4096);
    arch.vocab_size = config.integer_or({"n_token", "vocab_size"}, 1, kMostVocab, 32000);
    arch.norm = NormKind::LayerNorm;
    arch.norm_place = NormPlace::AfterSum;
    arch.norm_eps = config.number_or({"layer_norm_eps"}, 0, 1, 1e-12);
    arch.has_norm_bias = true;
    arch.has_final_norm = false;
    arch.position = PositionKind::None;
    arch.activation = read_activation(config, {"ff_activation"}, "gelu");
    arch.is_gated = false;
    arch.has_mlp_bias = arch.has_qkv_bias = true;
    arch.has_key_bias = arch.has_value_bias = false;
    arch.is_causal = false;
    arch.score_bias = ScoreBias::Relative;
    arch.has_content_to_position = true;
    arch.clamp_length = std::max(0, config.integer_or({"clamp_len"}, -kMostPositions, kMostPositions, -1));
    arch.is_masked_head = arch.has_head_bias = true;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch);
    refuse_variants(config, arch);
    return arch;
}

/// A projection is stored [hidden, heads, head width].
FileWeight by_head(const Architecture& arch, const std::string& file, const std::string& slot,
                   bool is_transposed) {
    FileWeight weight{file, {slot}, is_transposed};
    weight.axes = {arch.hidden_size, arch.num_heads, arch.head_dim};
    return weight;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("word_embedding", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("layer.{}.", i), attention = file + "rel_attn.",
                          to = layer_slot(i);
        table.exact(by_head(arch, attention + "q", to + "query", true));
        table.exact(by_head(arch, attention + "k", to + "key", true));
        table.exact(by_head(arch, attention + "v", to + "value", true));
        table.exact(by_head(arch, attention + "r", to + "position_key", true));
        table.exact(by_head(arch, attention + "o", to + "output", false));
        for (const auto& [name, slot] :
             {std::pair{"r_w_bias", "query_bias"}, std::pair{"r_r_bias", "distance_query_bias"}}) {
            FileWeight bias{attention + name, {to + slot}};
            bias.axes = {arch.num_heads, arch.head_dim};
            table.exact(std::move(bias));
        }
        table.add(attention + "layer_norm", to + "attention_norm");
        table.add(file + "ff.layer_1", to + "up");
        table.add(file + "ff.layer_2", to + "down");
        table.add(file + "ff.layer_norm", to + "mlp_norm");
    }
    table.add("lm_loss", "head", {.has_prefix = false});
    return table.take();
}

/// The second stream's start, segments, and heads of other tasks.
bool is_ignored(std::string_view name, const Architecture& arch) {
    for (const std::string_view head : {"sequence_summary.", "logits_proj.", "qa_outputs.", "classifier.",
                                        "start_logits.", "end_logits.", "answer_class."}) {
        if (name.starts_with(head)) return true;
    }
    return name == "mask_emb" || name.ends_with(".rel_attn.seg_embed") ||
           name.ends_with(".rel_attn.r_s_bias") || (arch.is_head_tied && name == "lm_loss.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "xlnet"},
            {"d_model", request.hidden_size},
            {"n_layer", request.num_layers},
            {"n_head", request.num_heads},
            {"d_inner", 4 * std::int64_t{request.hidden_size}},
            {"vocab_size", request.vocab_size},
            {"tie_word_embeddings", false}};
}

void adapt(Architecture& arch, const HasTensor& has) {
    arch.has_head = has(kBias) || has("lm_loss.weight");
}

}  // namespace

extern const Family k_family_xlnet = {"xlnet",      "XLNet",    "transformer.", matches, read_config,
                                      file_weights, is_ignored, random_config,  adapt};

}  // namespace headlight
