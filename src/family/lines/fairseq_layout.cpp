#include "family/lines/fairseq_layout.h"

#include <cmath>

namespace headlight {

void read_fairseq_rest(ConfigReader& config, Architecture& arch, const char* activation_key,
                       int max_positions) {
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, max_positions);
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    if (config.boolean_or({"scale_embedding"}, true))
        arch.embedding_scale = std::sqrt(static_cast<double>(arch.hidden_size));
    arch.position_offset = 2;
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = 1e-5;  // the configs' keys for it are not read
    arch.has_norm_bias = arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.activation = read_activation(config, {activation_key}, "gelu");
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch);
    if (config.boolean_or({"add_cross_attention"}, false)) {
        config.fail_with(
            ErrorKind::Unsupported,
            "decoders with cross-attention of their own (the config's add_cross_attention is true) "
            "are not supported");
    }
}

void add_fairseq_layer(WeightTable& table, const std::string& layer) {
    table.add(layer + "self_attn_layer_norm", layer + "attention_norm");
    table.add(layer + "self_attn.q_proj", layer + "query");
    table.add(layer + "self_attn.k_proj", layer + "key");
    table.add(layer + "self_attn.v_proj", layer + "value");
    table.add(layer + "self_attn.out_proj", layer + "output");
    table.add(layer + "final_layer_norm", layer + "mlp_norm");
    table.add(layer + "fc1", layer + "up");
    table.add(layer + "fc2", layer + "down");
}

void add_fairseq_blocks(WeightTable& table, const Architecture& arch) {
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i)
        add_fairseq_layer(table, layer_slot(i));
    table.add("layer_norm", "final_norm");
}

}  // namespace headlight
