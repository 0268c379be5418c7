// Falcon: one key head for all (7B), ALiBi and a block in sequence (RW), or groups of heads and two norms
// side by side (40B, 180B). Almazrouei et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "falcon", "FalconFor");
}

void check_block(ConfigReader& config, bool is_new, bool is_parallel, int num_norms) {
    if (is_new && !is_parallel) {
        config.fail_with(ErrorKind::Unsupported,
                         "Falcon's new_decoder_architecture without parallel_attn is not supported");
    }
    if (!is_new && is_parallel && num_norms == 2) {
        config.fail_with(ErrorKind::Unsupported,
                         "two norms (num_ln_in_parallel_attn is 2) without "
                         "new_decoder_architecture are not supported");
    }
}

/// A switch that is on unless the config says no; null says no.
bool is_on(ConfigReader& config, const char* key) {
    return config.boolean_or({key}, !config.mentions(key));
}

void read_block(ConfigReader& config, Architecture& arch) {
    const bool is_new = config.boolean_or({"new_decoder_architecture"}, false);
    arch.is_parallel = is_on(config, "parallel_attn");
    const int num_norms = config.integer_or({"num_ln_in_parallel_attn"}, 1, 2, is_new ? 2 : 1);
    check_block(config, is_new, arch.is_parallel, num_norms);
    arch.shares_norm = arch.is_parallel && num_norms == 1;
    arch.num_kv_heads = config.integer_or({"num_kv_heads"}, 1, kMostHeads, arch.num_heads);
    if (!is_new) arch.num_kv_heads = is_on(config, "multi_query") ? 1 : arch.num_heads;
}

/// The reference library's eager attention, the one that gives weights, adds the bias to the scores and once
/// more with the mask, so its slopes count twice; its fused attention, which gives none, adds it once.
std::vector<float> falcon_slopes(int num_heads) {
    std::vector<float> slopes = alibi_slopes(num_heads);
    for (float& slope : slopes)
        slope *= 2;
    return slopes;
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"n_embed", "hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "n_layer"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "n_head"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, 2048);
    arch.intermediate_size =
        config.integer_or({"ffn_hidden_size"}, 1, kMostIntermediate, 4 * arch.hidden_size);
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    read_block(config, arch);
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.has_norm_bias = true;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = config.boolean_or({"bias"}, false);
    arch.activation = read_activation(config, {"activation"}, "gelu");
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch);
    if (config.boolean_or({"alibi"}, false)) {
        set_alibi(arch, falcon_slopes(arch.num_heads));
        arch.rounds_alibi = arch.scales_alibi = true;
    } else {
        read_rope(config, arch);
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    const bool has_two = arch.is_parallel && !arch.shares_norm;
    table.add("word_embeddings", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + (has_two ? "ln_attn" : "input_layernorm"), layer + "attention_norm");
        table.add(file + (has_two ? "ln_mlp" : "post_attention_layernorm"), layer + "mlp_norm");
        table.fused(file + "self_attention.query_key_value",
                    {layer + "query", layer + "key", layer + "value"}, {.num_groups = arch.num_kv_heads});
        table.add(file + "self_attention.dense", layer + "output");
        table.add(file + "mlp.dense_h_to_4h", layer + "up");
        table.add(file + "mlp.dense_4h_to_h", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "falcon"},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions}};
}

}  // namespace

extern const Family k_family_falcon = {"falcon",    "Falcon",     "transformer.", matches,
                                       read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
