#include "family/lines/bert_layout.h"

#include <nlohmann/json.hpp>

namespace headlight {
namespace {

/// What the reference computes for these values is not what our pass would.
void refuse_variants(ConfigReader& config, const BertDefaults& defaults) {
    for (const char* key : {"is_decoder", "add_cross_attention"}) {
        if (!config.boolean_or({key}, false)) continue;
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'{}' is true: an encoder that is used as a decoder is not supported", key));
    }
    const std::string kind = config.text_or({"position_embedding_type"}, "absolute");
    if (kind != "absolute" && !(defaults.has_rotary_choice && kind == "rotary")) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'position_embedding_type' is '{}', supported is 'absolute'", kind.substr(0, 40)));
    }
    const nlohmann::json* pruned = config.object({"pruned_heads"});
    if (pruned != nullptr && !pruned->empty()) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'pruned_heads' names {} layer(s): layers with fewer heads "
                                     "than the others are not supported",
                                     pruned->size()));
    }
}

void read_bert_sizes(ConfigReader& config, Architecture& arch, const BertDefaults& defaults) {
    arch.hidden_size = config.integer_or({"hidden_size", "dim"}, 1, kMostHidden, defaults.hidden_size);
    arch.num_layers =
        config.integer_or({"num_hidden_layers", "n_layers"}, 1, kMostLayers, defaults.num_layers);
    arch.num_heads = config.integer_or({"num_attention_heads", "n_heads"}, 1, kMostHeads, defaults.num_heads);
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    arch.intermediate_size =
        config.integer_or({defaults.intermediate_key}, 1, kMostIntermediate, defaults.intermediate_size);
    arch.vocab_size = config.integer_or({"vocab_size"}, 1, kMostVocab, defaults.vocab_size);
    arch.max_positions =
        config.integer_or({"max_position_embeddings"}, 1, kMostPositions, defaults.max_positions);
    if (defaults.num_types > 0) {
        arch.num_token_types = config.integer_or({"type_vocab_size"}, 1, kMostVocab, defaults.num_types);
    }
}

}  // namespace

Architecture read_bert_config(ConfigReader& config, const BertDefaults& defaults) {
    Architecture arch;
    refuse_variants(config, defaults);
    read_bert_sizes(config, arch, defaults);
    arch.norm = NormKind::LayerNorm;
    arch.norm_place = defaults.is_pre_norm ? NormPlace::Before : NormPlace::AfterSum;
    arch.norm_eps = config.number_or({"layer_norm_eps"}, 0, 1, defaults.norm_eps);
    arch.has_norm_bias = arch.has_embedding_norm = true;
    arch.has_final_norm = defaults.is_pre_norm;
    arch.position = PositionKind::Learned;
    arch.activation = read_activation(config, {defaults.activation_key}, defaults.activation);
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.is_causal = false;
    arch.is_masked_head = arch.has_head_bias = true;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    arch.head_transform.is_present = true;
    arch.head_transform.size = arch.hidden_size;
    arch.head_transform.activation = arch.activation;
    set_scale(arch);
    return arch;
}

void offset_positions(ConfigReader& config, Architecture& arch, int pad) {
    arch.position_offset = pad + 1;
    arch.position_pad_id = pad;
    arch.max_positions -= arch.position_offset;
    if (arch.max_positions > 0) return;
    config.fail_with(ErrorKind::Corrupt,
                     fmt::format("the config's max_position_embeddings ({}) leaves no positions after "
                                 "the {} rows up to that of the padding token",
                                 arch.max_positions + arch.position_offset, arch.position_offset));
}

void add_bert_embeddings(WeightTable& table, const BertLayerNames& names) {
    table.add("embeddings.word_embeddings", "token_embedding");
    table.add("embeddings.position_embeddings", "position_embedding");
    table.add("embeddings.token_type_embeddings", "type_embedding");
    table.add("embeddings.task_type_embeddings", "task_embedding");
    table.add(names.embedding_norm, "embedding_norm");
}

void add_bert_layer(WeightTable& table, const std::string& file, const std::string& layer,
                    const BertLayerNames& names) {
    table.add(file + names.query, layer + "query");
    table.add(file + names.key, layer + "key");
    table.add(file + names.value, layer + "value");
    table.add(file + names.output, layer + "output");
    table.add(file + names.attention_norm, layer + "attention_norm");
    table.add(file + names.up, layer + "up");
    table.add(file + names.down, layer + "down");
    table.add(file + names.mlp_norm, layer + "mlp_norm");
}

void add_bert_head(WeightTable& table, const BertHeadNames& names) {
    table.add(names.dense, "head_dense", {.has_prefix = false});
    table.add(names.norm, "head_norm", {.has_prefix = false});
    table.exact({std::string(names.decoder) + ".weight", {"head"}, false, false});
    // The matrix's own bias counts; the other one is a copy of it, stands for it, or is a leftover.
    FileWeight bias{std::string(names.decoder) + ".bias", {"head_bias"}, false, false};
    bias.other_names = {names.bias};
    table.exact(std::move(bias));
}

std::vector<FileWeight> bert_file_weights(const Architecture& arch, const BertHeadNames& head,
                                          const BertLayerNames& names) {
    WeightTable table(arch);
    add_bert_embeddings(table, names);
    table.add("encoder.relative_attention_bias", "relative_bias");
    table.add("embeddings_project", "embedding_projection");
    for (int i = 0; i < arch.num_layers; ++i) {
        add_bert_layer(table, fmt::format("encoder.layer.{}.", i), layer_slot(i), names);
    }
    table.add(names.final_norm, "final_norm");
    add_bert_head(table, head);
    return table.take();
}

void adapt_bert_head(Architecture& arch, const HasTensor& has, const BertHeadNames& names) {
    const std::string decoder = names.decoder;
    arch.has_head = has(std::string(names.dense) + ".weight") || has(std::string(names.dense) + ".bias") ||
                    has(std::string(names.norm) + ".weight") || has(names.bias) || has(decoder + ".weight") ||
                    has(decoder + ".bias");
}

bool is_bert_extra(std::string_view name) {
    constexpr std::string_view kHeads[] = {
        "pooler.",         "classifier.",       "pre_classifier.",
        "qa_outputs.",     "seq_relationship.", "cls.seq_relationship.",
        "sop_classifier.", "sequence_summary.", "discriminator_predictions.",
        "score."};
    if (name.ends_with("embeddings.position_ids") || name.ends_with("embeddings.token_type_ids")) return true;
    for (const std::string_view head : kHeads) {
        if (name.starts_with(head)) return true;
    }
    return false;
}

bool is_head_copy(std::string_view name, const BertHeadNames& names) {
    const std::string decoder = names.decoder;
    return name == decoder + ".weight" || name == decoder + ".bias" || name == names.bias;
}

nlohmann::json bert_random_config(const RandomModelRequest& request, const char* model_type,
                                  int position_offset) {
    return {{"model_type", model_type},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"intermediate_size", 4 * std::int64_t{request.hidden_size}},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", std::int64_t{request.max_positions} + position_offset}};
}

Architecture read_roberta_config(ConfigReader& config, const BertDefaults& defaults) {
    Architecture arch = read_bert_config(config, defaults);
    offset_positions(config, arch, config.integer_or({"pad_token_id"}, 0, kMostVocab, 1));
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    return arch;
}

Architecture read_roberta_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50265;
    return read_roberta_config(config, defaults);
}

std::vector<FileWeight> roberta_file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kRobertaHead);
}

bool is_roberta_extra(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kRobertaHead);
}

void adapt_roberta(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kRobertaHead);
}

}  // namespace headlight
