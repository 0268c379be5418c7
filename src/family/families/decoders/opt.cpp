// OPT: learned positions from row 2 on, ReLU, norms before or after each part, and a narrower token table in
// one size. Zhang et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/fairseq_layout.h"
#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "opt", "OPT");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads"}, 1, kMostHeads);
    arch.intermediate_size = config.integer({"ffn_dim"}, 1, kMostIntermediate);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, 2048);
    arch.embedding_size = config.integer_or({"word_embed_proj_dim"}, 1, kMostHidden, arch.hidden_size);
    arch.projects_after_norm = false;
    arch.has_output_projection = arch.embedding_size != arch.hidden_size;
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    arch.position = PositionKind::Learned;
    arch.position_offset = 2;
    arch.norm = NormKind::LayerNorm;
    arch.has_norm_gain = arch.has_norm_bias = config.boolean_or({"layer_norm_elementwise_affine"}, true);
    const bool is_before = config.boolean_or({"do_layer_norm_before"}, true);
    arch.norm_place = is_before ? NormPlace::Before : NormPlace::AfterSum;
    arch.has_final_norm = is_before && !config.boolean_or({"_remove_final_layer_norm"}, false);
    arch.activation = read_activation(config, {"activation_function"}, "relu");
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = config.boolean_or({"enable_bias"}, true);
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embed_tokens", "token_embedding");
    table.add("embed_positions", "position_embedding");
    table.add("project_in", "embedding_projection");
    for (int i = 0; i < arch.num_layers; ++i)
        add_fairseq_layer(table, layer_slot(i));
    table.add("final_layer_norm", "final_norm");
    table.add("project_out", "output_projection");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "opt"},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"ffn_dim", 4 * request.hidden_size},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions}};
}

}  // namespace

extern const Family k_family_opt = {"opt",          "OPT",        "model.decoder.|decoder.",
                                    matches,        read_config,  file_weights,
                                    is_llama_extra, random_config};

}  // namespace headlight
