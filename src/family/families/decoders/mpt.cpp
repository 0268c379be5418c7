// MPT: ALiBi (or learned positions), q, k, v fused, no biases, layer norms with a gain alone. MosaicML 2023.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mpt", "Mpt");
}

/// MPT's slopes: 2^(-8 i / n) for n heads, n rounded up to a power of two; then every other one first.
/// [num_heads]
std::vector<float> mpt_slopes(int num_heads) {
    int power = 1;
    while (power < num_heads)
        power *= 2;
    std::vector<float> all, slopes;
    for (int i = 1; i <= power; ++i) {
        const float exponent = static_cast<float>(i) * (8.0f / static_cast<float>(power));
        all.push_back(1.0f / std::pow(2.0f, exponent));
    }
    if (power == num_heads) return all;
    for (std::size_t i = 1; i < all.size(); i += 2)
        slopes.push_back(all[i]);
    for (std::size_t i = 0; i < all.size(); i += 2)
        slopes.push_back(all[i]);
    slopes.resize(static_cast<std::size_t>(num_heads));
    return slopes;
}

void read_attention(ConfigReader& config, ConfigReader& attention, Architecture& arch) {
    arch.clip_qkv = read_optional(attention, "clip_qkv", 0);
    set_scale(arch, attention.number_or({"softmax_scale"}, 1e-9, 1e9, 1.0 / std::sqrt(arch.head_dim)));
    // alibi_bias_max is not read: the reference takes 8 whatever it says.
    if (attention.boolean_or({"alibi"}, true)) {
        set_alibi(arch, mpt_slopes(arch.num_heads));
    } else {
        arch.position = PositionKind::Learned;
        arch.alibi_slopes = mpt_slopes(arch.num_heads);  // for adapt()
    }
    if (attention.boolean_or({"prefix_lm"}, false)) {
        attention.fail_with(ErrorKind::Unsupported,
                            "a prefix that is seen from both sides (attn_config.prefix_lm is true) "
                            "is not supported");
    }
    if (attention.boolean_or({"qk_ln"}, false)) {
        attention.fail_with(ErrorKind::Unsupported,
                            "norms of queries and keys (attn_config.qk_ln is true) are not "
                            "supported for MPT");
    }
    const std::string type = attention.text_or({"attn_type"}, "multihead_attention");
    if (type != "multihead_attention") {
        attention.fail_with(ErrorKind::Unsupported,
                            fmt::format("attn_config.attn_type '{}' is not supported for MPT (known: "
                                        "multihead_attention)",
                                        type.substr(0, 40)));
    }
    if (auto status = attention.status(); !status)
        config.fail_with(status.error().kind, status.error().message);
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size", "d_model"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "n_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "n_heads"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"max_seq_len"}, 1, kMostPositions, 2048);
    arch.intermediate_size = 4 * arch.hidden_size;  // the reference does not read expansion_ratio
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "d_model", "n_heads");
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.activation = Activation::Gelu;
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    const nlohmann::json nothing = nlohmann::json::object();
    const nlohmann::json* nested = config.object({"attn_config"});
    ConfigReader attention(nested != nullptr ? *nested : nothing, config.file(), "attn_config.");
    read_attention(config, attention, arch);
    return arch;
}

/// A config that switches ALiBi off means learned positions where the file has them; the reference library,
/// which has none, computes ALiBi all the same.
void adapt(Architecture& arch, const HasTensor& has) {
    if (arch.position != PositionKind::Learned || has("wpe.weight")) return;
    set_alibi(arch, arch.alibi_slopes);
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    table.add("wpe", "position_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "blocks." + std::to_string(i) + ".";
        table.add(file + "norm_1", layer + "attention_norm");
        table.fused(file + "attn.Wqkv", {layer + "query", layer + "key", layer + "value"});
        table.add(file + "attn.out_proj", layer + "output");
        table.add(file + "norm_2", layer + "mlp_norm");
        table.add(file + "ffn.up_proj", layer + "up");
        table.add(file + "ffn.down_proj", layer + "down");
    }
    table.add("norm_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "mpt"},
            {"d_model", request.hidden_size},
            {"n_heads", request.num_heads},
            {"n_layers", request.num_layers},
            {"vocab_size", request.vocab_size},
            {"max_seq_len", request.max_positions}};
}

}  // namespace

extern const Family k_family_mpt = {"mpt",        "MPT",          "transformer.", matches, read_config,
                                    file_weights, is_llama_extra, random_config,  adapt};

}  // namespace headlight
