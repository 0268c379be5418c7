// BLOOM: ALiBi in place of positions, a norm after the embeddings, q, k, v head by head. Scao et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

constexpr int kLeastSlices = -1;  // 1 and below mean one piece

bool matches(const nlohmann::json& config) {
    return config_says(config, "bloom", "Bloom");
}

/// The reference library's "slow but exact" sums over the slices of a split model leave out the biases of
/// both output projections; so do we, and the file's are not read.
void read_slices(ConfigReader& config, Architecture& arch) {
    const int num_slices = config.integer_or({"pretraining_tp"}, kLeastSlices, kMostHidden, 1);
    if (num_slices < 2 || !config.boolean_or({"slow_but_exact"}, false)) return;
    arch.has_output_bias = arch.has_down_bias = false;
    for (const int size : {arch.hidden_size, arch.intermediate_size}) {
        // Where the last slice ends: rounding may leave out a value.
        if (static_cast<int>(num_slices * (static_cast<double>(size) / num_slices)) == size) continue;
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("{} values do not fall into {} slices ('pretraining_tp' with 'slow_but_exact')", size,
                        num_slices));
    }
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"n_embed", "hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "n_layer"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "n_head"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"seq_length"}, 1, kMostPositions, 2048);
    arch.intermediate_size = 4 * arch.hidden_size;
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "n_head");
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.has_norm_bias = arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.has_embedding_norm = true;
    arch.adds_to_normed = config.boolean_or({"apply_residual_connection_post_layernorm"}, false);
    arch.activation = Activation::GeluTanh;
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    read_slices(config, arch);
    set_scale(arch);
    set_alibi(arch, alibi_slopes(arch.num_heads));
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("word_embeddings", "token_embedding");
    table.add("word_embeddings_layernorm", "embedding_norm");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "input_layernorm", layer + "attention_norm");
        table.fused(file + "self_attention.query_key_value",
                    {layer + "query", layer + "key", layer + "value"}, {.num_groups = arch.num_heads});
        table.add(file + "self_attention.dense", layer + "output");
        table.add(file + "post_attention_layernorm", layer + "mlp_norm");
        table.add(file + "mlp.dense_h_to_4h", layer + "up");
        table.add(file + "mlp.dense_4h_to_h", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    if (!arch.has_output_bias && name.ends_with(".self_attention.dense.bias")) return true;
    if (!arch.has_down_bias && name.ends_with(".mlp.dense_4h_to_h.bias")) return true;
    return is_llama_extra(name, arch);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "bloom"},
            {"hidden_size", request.hidden_size},
            {"n_head", request.num_heads},
            {"n_layer", request.num_layers},
            {"vocab_size", request.vocab_size},
            {"seq_length", request.max_positions}};
}

}  // namespace

extern const Family k_family_bloom = {"bloom",     "BLOOM",      "transformer.", matches,
                                      read_config, file_weights, is_ignored,     random_config};

}  // namespace headlight
