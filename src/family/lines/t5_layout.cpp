#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

/// "relu", "gated-gelu", "gated-silu" ... and the keys that newer versions write beside it.
void read_feed_forward(ConfigReader& config, Architecture& arch, const char* otherwise) {
    const std::string kind = config.text_or({"feed_forward_proj"}, otherwise);
    const bool is_gated = kind.starts_with("gated-");
    std::string activation = is_gated ? kind.substr(6) : kind;
    if (kind == "gated-gelu") activation = "gelu_new";
    arch.is_gated = config.boolean_or({"is_gated_act"}, is_gated);
    arch.activation = read_activation(config, {"dense_act_fn"}, activation.c_str());
}

/// Distances beyond an exact part of the buckets fall into ever wider ones up to
/// relative_attention_max_distance.
void read_buckets(ConfigReader& config, Architecture& arch) {
    arch.score_bias = ScoreBias::Buckets;
    arch.num_buckets = config.integer_or({"relative_attention_num_buckets"}, 4, kMostPositions, 32);
    arch.max_distance = config.integer_or({"relative_attention_max_distance"}, 1, kMostPositions, 128);
    if (arch.max_distance <= arch.num_buckets / 2) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'relative_attention_max_distance' ({}) must be more than half of "
                                     "'relative_attention_num_buckets' ({})",
                                     arch.max_distance, arch.num_buckets));
    }
}

Architecture read_t5_stack(ConfigReader& config, const T5Style& style) {
    Architecture arch;
    arch.hidden_size = config.integer_or({"hidden_size", "d_model"}, 1, kMostHidden, 512);
    arch.num_layers =
        config.integer_or({"num_hidden_layers", "num_layers"}, 1, kMostLayers, style.num_layers);
    arch.num_heads = config.integer_or({"num_attention_heads", "num_heads"}, 1, kMostHeads, style.num_heads);
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = config.integer_or({"head_dim", "d_kv"}, 1, kMostHeadDim, 64);
    arch.intermediate_size = config.integer_or({"d_ff"}, 1, kMostIntermediate, style.intermediate_size);
    arch.vocab_size = config.integer_or({"vocab_size"}, 1, kMostVocab, style.vocab_size);
    arch.norm = NormKind::RmsNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-6);
    arch.position = PositionKind::None;
    read_feed_forward(config, arch, style.feed_forward);
    read_buckets(config, arch);
    arch.has_buckets_per_layer = style.has_buckets_per_layer;
    return arch;
}

void add_t5_attention(WeightTable& table, const std::string& file, const std::string& slot) {
    table.add(file + "q", slot + "query");
    table.add(file + "k", slot + "key");
    table.add(file + "v", slot + "value");
    table.add(file + "o", slot + "output");
}

/// `file` is "encoder." or "decoder.", `slot` nothing or "decoder.". Parts of a block are numbered: a
/// decoder's feed-forward part comes after the cross-attention.
void add_t5_stack(WeightTable& table, int num_layers, const std::string& file, const std::string& slot,
                  bool has_cross, const std::string& attention = "SelfAttention") {
    table.add(fmt::format("{}block.0.layer.0.{}.relative_attention_bias", file, attention),
              slot + "relative_bias");
    for (int i = 0; i < num_layers; ++i) {
        const std::string block = fmt::format("{}block.{}.layer.", file, i), to = slot + layer_slot(i);
        add_t5_attention(table, block + "0." + attention + ".", to);
        table.add(block + "0." + attention + ".relative_attention_bias", to + "relative_bias");
        table.add(block + "0.layer_norm", to + "attention_norm");
        if (has_cross) {
            add_t5_attention(table, block + "1.EncDecAttention.", to + "cross_");
            table.add(block + "1.layer_norm", to + "cross_norm");
        }
        const std::string dense = block + (has_cross ? "2." : "1.");
        const bool is_gated = table.has(to + "gate");
        if (is_gated) table.add(dense + "DenseReluDense.wi_0", to + "gate");
        table.add(dense + (is_gated ? "DenseReluDense.wi_1" : "DenseReluDense.wi"), to + "up");
        table.add(dense + "DenseReluDense.wo", to + "down");
        table.add(dense + "layer_norm", to + "mlp_norm");
    }
    table.add(file + "final_layer_norm", slot + "final_norm");
}

}  // namespace

Architecture read_t5_config(ConfigReader& config, const T5Style& style) {
    Architecture arch = read_t5_stack(config, style);
    Architecture decoder = arch;
    decoder.num_layers =
        config.integer_or({"num_decoder_layers", "num_layers"}, 1, kMostLayers, style.num_layers);
    decoder.has_cross_attention = true;
    decoder.owns_embedding = false;
    decoder.has_head = predicts_tokens(config);
    decoder.is_head_tied = true;
    const bool is_tied = config.boolean_or({"tie_word_embeddings"}, true);
    // The reference takes null for no.
    const bool is_null = config.mentions("scale_decoder_outputs") && !config.has({"scale_decoder_outputs"});
    if (style.scales_output && !is_null && config.boolean_or({"scale_decoder_outputs"}, is_tied)) {
        decoder.logit_scale = 1.0 / std::sqrt(decoder.hidden_size);
    }
    set_scale(decoder, 1.0);
    set_scale(arch, 1.0);
    arch.is_causal = false;
    arch.has_head = false;
    const int pad = config.integer_or({"pad_token_id"}, 0, arch.vocab_size - 1, 0);
    arch.decoder_start_id = config.integer_or({"decoder_start_token_id"}, 0, arch.vocab_size - 1, pad);
    arch.decoder = std::make_shared<const Architecture>(std::move(decoder));
    return arch;
}

std::vector<FileWeight> t5_file_weights(const Architecture& arch) {
    return t5_file_weights(arch, "SelfAttention");
}

std::vector<FileWeight> t5_file_weights(const Architecture& arch, const char* encoder_attention) {
    WeightTable table(arch);
    add_t5_stack(table, arch.num_layers, "encoder.", "", false, encoder_attention);
    add_seq2seq_tables(table, arch, TableOrder::T5);
    if (arch.decoder == nullptr) return table.take();
    add_t5_stack(table, arch.decoder->num_layers, "decoder.", "decoder.", true);
    return table.take();
}

bool is_t5_extra(std::string_view name, const Architecture& arch) {
    if (arch.decoder == nullptr && name.starts_with("decoder.")) return true;
    for (const std::string_view head : {"classification_head.", "qa_outputs.", "classifier."}) {
        if (name.starts_with(head)) return true;
    }
    return name == "encoder.embed_tokens.weight" || name == "decoder.embed_tokens.weight" ||
           name == "shared.weight" ||
           name == "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";
}

void adapt_t5(Architecture& arch, const HasTensor& has) {
    const bool has_decoder =
        has("decoder.final_layer_norm.weight") || has("decoder.block.0.layer.0.SelfAttention.q.weight");
    if (!has_decoder) {
        arch.decoder.reset();  // T5EncoderModel: nothing is predicted
        return;
    }
    auto decoder = std::make_shared<Architecture>(*arch.decoder);
    if (has("lm_head.weight")) decoder->has_head = true;  // whatever class the config names
    adapt_seq2seq_tables(*decoder, has, TableOrder::T5);
    arch.decoder = std::move(decoder);
}

nlohmann::json t5_random_config(const RandomModelRequest& request, const char* model_type) {
    return {{"model_type", model_type},
            {"d_model", request.hidden_size},
            {"num_layers", request.num_layers},
            {"num_heads", request.num_heads},
            {"d_kv", request.num_heads > 0 ? request.hidden_size / request.num_heads : 0},
            {"d_ff", 4 * std::int64_t{request.hidden_size}},
            {"vocab_size", request.vocab_size}};
}

}  // namespace headlight
