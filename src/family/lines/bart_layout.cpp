#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

void read_bart_positions(ConfigReader& config, Architecture& arch, const BartStyle& style, const char* key) {
    const bool is_decoder = style.decoder_max_positions > 0 && key == style.decoder_positions;
    arch.max_positions = config.integer_or({key}, 1, kMostPositions,
                                           is_decoder ? style.decoder_max_positions : style.max_positions);
    arch.position = style.is_sinusoidal ? PositionKind::Sinusoidal : PositionKind::Learned;
    arch.position_offset = style.is_sinusoidal ? 0 : style.position_offset;
    if (!style.is_fairseq) return;
    arch.sinusoids_reach_end = true;
    arch.position_pad_id = config.integer_or({"pad_token_id"}, 0, kMostVocab, 1);
    arch.position_offset = arch.position_pad_id + 1;
    if (arch.hidden_size < 4)
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'d_model' is {}: its sinusoids need at least 4", arch.hidden_size));
}

/// What both stacks have in common.
Architecture read_bart_stack(ConfigReader& config, const BartStyle& style, const char* positions) {
    Architecture arch;
    arch.hidden_size = config.integer_or({"hidden_size", "d_model"}, 1, kMostHidden, style.hidden_size);
    arch.vocab_size = config.integer_or({"vocab_size"}, 1, kMostVocab, style.vocab_size);
    read_bart_positions(config, arch, style, positions);
    if (config.boolean_or({"scale_embedding"}, style.scales_embedding))
        arch.embedding_scale = std::sqrt(arch.hidden_size);
    arch.norm = NormKind::LayerNorm;
    arch.norm_place = style.is_pre_norm ? NormPlace::Before : NormPlace::AfterSum;
    arch.norm_eps = 1e-5;
    arch.has_norm_bias = true;
    arch.has_final_norm = style.is_pre_norm;
    arch.has_embedding_norm = style.has_embedding_norm;
    arch.activation = read_activation(config, {"activation_function"}, style.activation);
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    return arch;
}

void set_heads(ConfigReader& config, Architecture& arch, const char* heads_key) {
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "d_model", heads_key);
    set_scale(arch);
}

Architecture read_decoder(ConfigReader& config, const BartStyle& style) {
    Architecture arch = read_bart_stack(config, style, style.decoder_positions);
    arch.num_layers = config.integer_or({"decoder_layers"}, 1, kMostLayers, style.decoder_layers);
    arch.num_heads = config.integer_or({"decoder_attention_heads"}, 1, kMostHeads, style.num_heads);
    arch.intermediate_size =
        config.integer_or({"decoder_ffn_dim"}, 1, kMostIntermediate, style.intermediate_size);
    arch.norms_before_positions = style.decoder_norms_before_positions;
    set_heads(config, arch, "decoder_attention_heads");
    arch.has_cross_attention = true;
    arch.owns_embedding = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    arch.table_tie = arch.is_head_tied ? TableTie::All : TableTie::None;
    if (style.may_have_two_tables && !config.boolean_or({"share_encoder_decoder_embeddings"}, true)) {
        arch.owns_embedding = true;
        if (arch.is_head_tied) arch.table_tie = TableTie::DecoderAndOutput;
        arch.vocab_size = config.integer_or({"decoder_vocab_size"}, 1, kMostVocab, arch.vocab_size);
    }
    arch.has_head = predicts_tokens(config);
    arch.has_head_bias = true;
    return arch;
}

void add_bart_attention(WeightTable& table, const std::string& file, const std::string& slot,
                        const BartAttentionNames& names) {
    table.add(file + names.query, slot + "query");
    table.add(file + names.key, slot + "key");
    table.add(file + names.value, slot + "value");
    table.add(file + names.output, slot + "output");
}

/// `file` and `slot` are "decoder." and "decoder.", or "encoder." and nothing.
void add_bart_stack(WeightTable& table, int num_layers, const std::string& file, const std::string& slot,
                    const BartAttentionNames& names) {
    constexpr BartAttentionNames kCross = {"encoder_attn.q_proj", "encoder_attn.k_proj",
                                           "encoder_attn.v_proj", "encoder_attn.out_proj"};
    table.add(file + "embed_positions", slot + "position_embedding");
    table.add(file + "layernorm_embedding", slot + "embedding_norm");
    for (int i = 0; i < num_layers; ++i) {
        const std::string from = fmt::format("{}layers.{}.", file, i), to = slot + layer_slot(i);
        add_bart_attention(table, from, to, names);
        table.add(from + "self_attn_layer_norm", to + "attention_norm");
        add_bart_attention(table, from, to + "cross_", kCross);
        table.add(from + "encoder_attn_layer_norm", to + "cross_norm");
        table.add(from + "fc1", to + "up");
        table.add(from + "fc2", to + "down");
        table.add(from + "final_layer_norm", to + "mlp_norm");
    }
    table.add(file + "layer_norm", slot + "final_norm");
}

}  // namespace

bool predicts_tokens(ConfigReader& config) {
    if (config.boolean_or({"is_decoder"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "'is_decoder' is true: the decoder of an encoder-decoder by itself is not "
                         "supported");
    }
    const std::vector<std::string> classes = config.words({"architectures"});
    return classes.empty() || std::any_of(classes.begin(), classes.end(), [](const std::string& name) {
               return name.find("ForConditionalGeneration") != std::string::npos ||
                      name.find("LMHead") != std::string::npos || name.find("MTModel") != std::string::npos;
           });
}

Architecture read_bart_config(ConfigReader& config, const BartStyle& style) {
    if (!config.boolean_or({"is_encoder_decoder"}, true)) {
        config.fail_with(ErrorKind::Unsupported,
                         "'is_encoder_decoder' is false: one half of an encoder-decoder by itself "
                         "is not supported");
    }
    Architecture arch = read_bart_stack(config, style, style.encoder_positions);
    arch.num_layers =
        config.integer_or({"num_hidden_layers", "encoder_layers"}, 1, kMostLayers, style.encoder_layers);
    arch.num_heads =
        config.integer_or({"num_attention_heads", "encoder_attention_heads"}, 1, kMostHeads, style.num_heads);
    arch.intermediate_size =
        config.integer_or({"encoder_ffn_dim"}, 1, kMostIntermediate, style.intermediate_size);
    set_heads(config, arch, "encoder_attention_heads");
    arch.is_causal = false;
    arch.has_head = false;
    auto decoder = std::make_shared<Architecture>(read_decoder(config, style));
    arch.decoder_start_id = config.integer_or({"decoder_start_token_id"}, 0, decoder->vocab_size - 1, -1);
    if (arch.decoder_start_id < 0 && style.default_start < decoder->vocab_size) {
        arch.decoder_start_id = style.default_start;
    }
    arch.decoder = std::move(decoder);
    return arch;
}

std::vector<FileWeight> bart_file_weights(const Architecture& arch) {
    return bart_file_weights(arch, {});
}

std::vector<FileWeight> bart_file_weights(const Architecture& arch, const BartAttentionNames& encoder) {
    WeightTable table(arch);
    add_bart_stack(table, arch.num_layers, "encoder.", "", encoder);
    add_seq2seq_tables(table, arch, TableOrder::Bart);
    add_bart_stack(table, arch.decoder->num_layers, "decoder.", "decoder.", {});
    table.exact({"final_logits_bias", {"decoder.head_bias"}, false, false});  // [1, vocab]
    return table.take();
}

bool is_bart_extra(std::string_view name, const Architecture& arch) {
    const bool is_sinusoidal = arch.position == PositionKind::Sinusoidal;
    if (is_sinusoidal &&
        (name == "encoder.embed_positions.weight" || name == "decoder.embed_positions.weight")) {
        return true;  // computed, the same for every checkpoint
    }
    if (is_sinusoidal && name.ends_with(".embed_positions.weights")) return true;  // likewise (fairseq)
    for (const std::string_view head : {"classification_head.", "qa_outputs."}) {
        if (name.starts_with(head)) return true;
    }
    return name == "encoder.embed_tokens.weight" || name == "decoder.embed_tokens.weight" ||
           name == "shared.weight" || name == "lm_head.weight" || name == "final_logits_bias" ||
           name == "encoder.version" || name == "decoder.version";
}

void adapt_bart(Architecture& arch, const HasTensor& has) {
    auto decoder = std::make_shared<Architecture>(*arch.decoder);
    // Positions that are computed may be in the file all the same; then the reference reads them from there.
    if (!arch.sinusoids_reach_end) {
        if (has("encoder.embed_positions.weight")) arch.position = PositionKind::Learned;
        if (has("decoder.embed_positions.weight")) decoder->position = PositionKind::Learned;
    }
    decoder->has_head_bias = has("final_logits_bias");
    adapt_seq2seq_tables(*decoder, has, TableOrder::Bart);
    arch.decoder = std::move(decoder);
}

nlohmann::json bart_random_config(const RandomModelRequest& request, const char* model_type) {
    const std::int64_t inner = 4 * std::int64_t{request.hidden_size};
    return {{"model_type", model_type},
            {"d_model", request.hidden_size},
            {"encoder_layers", request.num_layers},
            {"decoder_layers", request.num_layers},
            {"encoder_attention_heads", request.num_heads},
            {"decoder_attention_heads", request.num_heads},
            {"encoder_ffn_dim", inner},
            {"decoder_ffn_dim", inner},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions},
            {"decoder_start_token_id", 0}};
}

}  // namespace headlight
