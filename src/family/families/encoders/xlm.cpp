// XLM and FlauBERT: BERT under names of their own, without token types; the head is the table alone.
// Languages are not added, as in the reference library where nobody names them. Conneau and Lample 2019, Le
// et al. 2020.
#include <nlohmann/json.hpp>

#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {
namespace {

constexpr const char* kHead = "pred_layer.proj";

bool matches_xlm(const nlohmann::json& config) {
    return config_says(config, "xlm", "XLMWithLMHead");
}
bool matches_flaubert(const nlohmann::json& config) {
    return config_says(config, "flaubert", "Flaubert");
}

void refuse_variants(ConfigReader& config) {
    if (config.boolean_or({"asm"}, false))
        config.fail_with(ErrorKind::Unsupported, "'asm' is true: an adaptive softmax is not supported");
    if (!config.boolean_or({"is_encoder"}, true))
        config.fail_with(ErrorKind::Unsupported, "'is_encoder' is false: XLM's decoder is not supported");
}

/// Positions are in the file, whether they were learned or computed.
Architecture read_xlm(ConfigReader& config) {
    Architecture arch;
    refuse_variants(config);
    arch.hidden_size = config.integer_or({"hidden_size", "emb_dim"}, 1, kMostHidden, 2048);
    arch.num_layers = config.integer_or({"num_hidden_layers", "n_layers"}, 1, kMostLayers, 12);
    arch.num_heads = arch.num_kv_heads =
        config.integer_or({"num_attention_heads", "n_heads"}, 1, kMostHeads, 16);
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "emb_dim", "n_heads");
    arch.intermediate_size = 4 * arch.hidden_size;
    arch.vocab_size = config.integer_or({"n_words", "vocab_size"}, 1, kMostVocab, 30145);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, 512);
    arch.position = PositionKind::Learned;
    arch.norm = NormKind::LayerNorm;
    arch.norm_place = NormPlace::AfterSum;
    arch.norm_eps = config.number_or({"layer_norm_eps"}, 0, 1, 1e-12);
    arch.has_norm_bias = arch.has_embedding_norm = true;
    arch.has_final_norm = false;
    arch.activation = config.boolean_or({"gelu_activation"}, true) ? Activation::Gelu : Activation::Relu;
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.is_causal = config.boolean_or({"causal"}, false);
    arch.is_masked_head = !arch.is_causal;
    arch.has_head_bias = true;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch);
    return arch;
}

Architecture read_flaubert(ConfigReader& config) {
    Architecture arch = read_xlm(config);
    if (config.boolean_or({"pre_norm"}, false)) arch.norm_place = NormPlace::Before;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embeddings", "token_embedding");
    table.add("position_embeddings", "position_embedding");
    table.add("layer_norm_emb", "embedding_norm");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string to = layer_slot(i), attention = fmt::format("attentions.{}.", i);
        table.add(attention + "q_lin", to + "query");
        table.add(attention + "k_lin", to + "key");
        table.add(attention + "v_lin", to + "value");
        table.add(attention + "out_lin", to + "output");
        table.add(fmt::format("layer_norm1.{}", i), to + "attention_norm");
        table.add(fmt::format("ffns.{}.lin1", i), to + "up");
        table.add(fmt::format("ffns.{}.lin2", i), to + "down");
        table.add(fmt::format("layer_norm2.{}", i), to + "mlp_norm");
    }
    table.add(kHead, "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    for (const std::string_view part :
         {"sequence_summary.", "qa_outputs.", "classifier.", "logits_proj.", "lang_embeddings."}) {
        if (name.starts_with(part)) return true;
    }
    return name == "position_ids" || (arch.is_head_tied && name == "pred_layer.proj.weight");
}

nlohmann::json random_as(const RandomModelRequest& request, const char* model_type) {
    return {{"model_type", model_type},         {"emb_dim", request.hidden_size},
            {"n_layers", request.num_layers},   {"n_heads", request.num_heads},
            {"vocab_size", request.vocab_size}, {"max_position_embeddings", request.max_positions},
            {"tie_word_embeddings", false}};
}
nlohmann::json random_xlm(const RandomModelRequest& request) {
    return random_as(request, "xlm");
}
nlohmann::json random_flaubert(const RandomModelRequest& request) {
    return random_as(request, "flaubert");
}

void adapt(Architecture& arch, const HasTensor& has) {
    arch.has_head = has("pred_layer.proj.bias") || has("pred_layer.proj.weight");
}

}  // namespace

extern const Family k_family_xlm = {"xlm",        "XLM",      "transformer.", matches_xlm, read_xlm,
                                    file_weights, is_ignored, random_xlm,     adapt};
extern const Family k_family_flaubert = {"flaubert",       "FlauBERT",      "transformer.",
                                         matches_flaubert, read_flaubert,   file_weights,
                                         is_ignored,       random_flaubert, adapt};

}  // namespace headlight
