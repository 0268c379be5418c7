#include "family/lines/llama_layout.h"

#include <nlohmann/json.hpp>

namespace headlight {

namespace {

int size_or(ConfigReader& config, const char* key, int most, int otherwise) {
    return otherwise > 0 ? config.integer_or({key}, 1, most, otherwise) : config.integer({key}, 1, most);
}

void read_llama_heads(ConfigReader& config, Architecture& arch, const LlamaDefaults& defaults) {
    arch.num_heads = size_or(config, "num_attention_heads", kMostHeads, defaults.num_heads);
    arch.num_kv_heads = config.integer_or({"num_key_value_heads"}, 1, kMostHeads,
                                          defaults.num_kv_heads > 0 ? defaults.num_kv_heads : arch.num_heads);
    if (config.has({"head_dim"}) || defaults.head_dim > 0) {
        arch.head_dim = config.integer_or({"head_dim"}, 1, kMostHeadDim, defaults.head_dim);
    } else {
        arch.head_dim =
            divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    }
}

}  // namespace

int unless_null(const ConfigReader& config, const char* key, int otherwise) {
    return config.mentions(key) && !config.has({key}) ? 0 : otherwise;
}

Architecture read_llama_config(ConfigReader& config, const LlamaDefaults& defaults) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({defaults.layers_key, "num_hidden_layers"}, 1, kMostLayers);
    arch.intermediate_size = config.integer({"intermediate_size"}, 1, kMostIntermediate);
    arch.vocab_size = size_or(config, "vocab_size", kMostVocab, defaults.vocab_size);
    arch.max_positions =
        config.integer_or({"max_position_embeddings"}, 1, kMostPositions, defaults.max_positions);
    read_llama_heads(config, arch, defaults);
    arch.norm = NormKind::RmsNorm;
    arch.norm_eps = config.number_or({"rms_norm_eps"}, 0, 1, defaults.norm_eps);
    arch.position = PositionKind::Rotary;
    if (defaults.reads_rope) read_rope(config, arch, defaults.rope);
    const bool is_xielu =
        defaults.knows_xielu && config.text_or({"hidden_act"}, defaults.activation) == "xielu";
    arch.activation =
        is_xielu ? Activation::Xielu : read_activation(config, {"hidden_act"}, defaults.activation);
    arch.is_gated = true;
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, false);
    arch.has_mlp_bias = config.boolean_or({"mlp_bias"}, false);
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, defaults.ties_head);
    set_scale(arch);
    return arch;
}

void use_layer_norms(ConfigReader& config, Architecture& arch, bool has_bias) {
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_eps"}, 0, 1, 1e-5);
    arch.has_norm_bias = has_bias;
}

void norm_after_rotation(ConfigReader& config, Architecture& arch) {
    // A rotation changes no length, so the norm itself may come first; its gain may not.
    arch.qk_norm = Architecture::QkNorm::PerHead;
    arch.gains_after_rotation = true;
    if (arch.rope.attention_factor != 1.0) {
        config.fail_with(
            ErrorKind::Unsupported,
            "a rotary scaling that also widens scores ('attention_factor', yarn, longrope) is not "
            "supported where queries and keys are normed after it");
    }
}

void add_llama_projections(WeightTable& table, const std::string& layer) {
    table.add(layer + "self_attn.q_proj", layer + "query");
    table.add(layer + "self_attn.k_proj", layer + "key");
    table.add(layer + "self_attn.v_proj", layer + "value");
    table.add(layer + "self_attn.o_proj", layer + "output");
}

void add_llama_attention(WeightTable& table, const std::string& layer) {
    add_llama_projections(table, layer);
    table.add(layer + "self_attn.q_norm", layer + "query_norm");
    table.add(layer + "self_attn.k_norm", layer + "key_norm");
    table.exact({layer + "self_attn.sinks", {layer + "sinks"}});
}

void add_llama_mlp(WeightTable& table, const std::string& layer) {
    table.add(layer + "mlp.gate_proj", layer + "gate");
    table.add(layer + "mlp.up_proj", layer + "up");
    table.add(layer + "mlp.down_proj", layer + "down");
}

void add_llama_ends(WeightTable& table) {
    table.add("embed_tokens", "token_embedding");
    table.add("norm", "final_norm");
    FileWeight head{"lm_head.weight", {"head"}};
    head.has_prefix = false;
    head.other_names = {"language_model.lm_head.weight"};
    table.exact(std::move(head));
    table.exact({.name = "lm_head.bias", .slots = {"head_bias"}, .has_prefix = false});
}

std::vector<FileWeight> llama_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);  // the files say "layers.3." as our own names do
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
    }
    add_llama_ends(table);
    return table.take();
}

std::vector<FileWeight> olmo2_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "attention_output_norm");
        add_llama_mlp(table, layer);
        table.add(layer + "post_feedforward_layernorm", layer + "mlp_output_norm");
    }
    add_llama_ends(table);
    return table.take();
}

bool is_llama_extra(std::string_view name, const Architecture& arch) {
    return name.ends_with("rotary_emb.inv_freq") || (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json llama_random_config(const RandomModelRequest& request, const char* model_type) {
    const int inner = (request.hidden_size * 8 / 3 + 31) / 32 * 32;
    return {{"model_type", model_type},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_key_value_heads", request.num_kv_heads > 0 ? request.num_kv_heads : request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"intermediate_size", inner},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions},
            {"rms_norm_eps", 1e-5}};
}

}  // namespace headlight
