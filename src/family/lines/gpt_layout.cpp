#include "family/lines/gpt_layout.h"

#include <nlohmann/json.hpp>

namespace headlight {

Architecture read_gpt_config(ConfigReader& config, bool ties_head, const char* activation) {
    Architecture arch;
    // Of two names for one size the general one counts: the reference library maps it onto the other when
    // that is read.
    arch.hidden_size = config.integer({"hidden_size", "n_embd"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "n_layer"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "n_head"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions =
        config.integer({"max_position_embeddings", "n_positions", "n_ctx"}, 1, kMostPositions);
    arch.intermediate_size = config.integer_or({"n_inner"}, 1, kMostIntermediate, 4 * arch.hidden_size);
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "n_embd", "n_head");
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.has_norm_bias = arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.position = PositionKind::Learned;
    arch.activation = read_activation(config, {"activation_function"}, activation);
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, ties_head);
    set_scale(arch);
    if (config.boolean_or({"add_cross_attention"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "decoders with cross-attention of their own (the config's "
                         "add_cross_attention is true) are not supported");
    }
    return arch;
}

void add_gpt2_blocks(WeightTable& table, const Architecture& arch, WeightTable::Options matrix) {
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "ln_1", layer + "attention_norm");
        table.fused(file + "attn.c_attn", {layer + "query", layer + "key", layer + "value"}, matrix);
        table.add(file + "attn.c_proj", layer + "output", matrix);
        table.add(file + "ln_2", layer + "mlp_norm");
        table.add(file + "mlp.c_fc", layer + "up", matrix);
        table.add(file + "mlp.c_proj", layer + "down", matrix);
    }
}

bool is_gpt_extra(std::string_view name, const Architecture& arch) {
    return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") ||
           name.ends_with(".attn.causal_mask") || (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json gpt_random_config(const RandomModelRequest& request, const char* model_type) {
    return {{"model_type", model_type},         {"n_embd", request.hidden_size},
            {"n_head", request.num_heads},      {"n_layer", request.num_layers},
            {"vocab_size", request.vocab_size}, {"n_positions", request.max_positions}};
}

Architecture read_gptj_config(ConfigReader& config) {
    Architecture arch = read_gpt_config(config, false);
    arch.has_qkv_bias = arch.has_output_bias = false;
    arch.has_head_bias = true;
    arch.is_parallel = arch.shares_norm = true;
    arch.position = PositionKind::Rotary;
    arch.rope.pairing = RopePairing::Neighbours;
    arch.rope.rotary_dim = config.integer_or({"rotary_dim"}, 2, kMostHeadDim, 64);
    if (arch.rope.rotary_dim > arch.head_dim || arch.rope.rotary_dim % 2 != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's rotary_dim ({}) must be even and at most the width of "
                                     "a head ({})",
                                     arch.rope.rotary_dim, arch.head_dim));
    }
    return arch;
}

nlohmann::json gptj_random_config(const RandomModelRequest& request, const char* model_type) {
    nlohmann::json config = gpt_random_config(request, model_type);
    config["rotary_dim"] = request.hidden_size / request.num_heads / 4 * 2;
    return config;
}

}  // namespace headlight
