// nanoGPT: GPT-2 as a few hundred lines of training code write it: matrices [out, in], the exact GELU, biases
// or none, and a head that is the embedding table. Karpathy 2022.
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "nanogpt", "NanoGPT");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"n_embd"}, 1, kMostHidden);
    arch.num_layers = config.integer({"n_layer"}, 1, kMostLayers);
    arch.num_heads = config.integer({"n_head"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer({"block_size"}, 1, kMostPositions);
    arch.intermediate_size = 4 * arch.hidden_size;
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "n_embd", "n_head");
    arch.norm = NormKind::LayerNorm;
    const bool has_bias = config.boolean_or({"bias"}, true);
    arch.has_norm_bias = arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = has_bias;
    arch.position = PositionKind::Learned;
    arch.activation = Activation::Gelu;
    arch.is_gated = false;
    arch.is_head_tied = true;
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    table.add("wpe", "position_embedding");
    add_gpt2_blocks(table, arch, {});
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "nanogpt"},          {"n_embd", request.hidden_size},
            {"n_head", request.num_heads},      {"n_layer", request.num_layers},
            {"vocab_size", request.vocab_size}, {"block_size", request.max_positions}};
}

}  // namespace

extern const Family k_family_nanogpt = {"nanogpt",   "nanoGPT",    "transformer.", matches,
                                        read_config, file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
