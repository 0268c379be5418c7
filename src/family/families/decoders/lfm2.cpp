// LFM2: short convolutions in most layers, in the others attention over grouped keys with norms of queries
// and keys. Liquid AI 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "lfm2", "Lfm2For");
}

/// Which layers attend: `layer_types`, or `full_attn_idxs`, or all.
void read_convolved(ConfigReader& config, Architecture& arch) {
    const auto num_layers = static_cast<std::size_t>(arch.num_layers);
    std::vector<std::string> types = config.texts("layer_types", num_layers);
    if (types.empty()) {
        const bool is_listed = config.list({"full_attn_idxs"}) != nullptr;
        types.assign(num_layers, is_listed ? "conv" : "full_attention");
        for (const int layer : config.integers("full_attn_idxs", kMostLayers, 0, kMostLayers)) {
            if (layer < arch.num_layers) types[static_cast<std::size_t>(layer)] = "full_attention";
        }
    }
    for (std::size_t layer = 0; layer < num_layers; ++layer) {
        if (types[layer] != "conv" && types[layer] != "full_attention") {
            config.fail_with(ErrorKind::Unsupported,
                             fmt::format("layer {} is of type '{}' (known: full_attention, conv)", layer,
                                         types[layer].substr(0, 40)));
        }
        arch.is_convolved.push_back(types[layer] == "conv");
    }
    if (arch.absent_layers().empty()) arch.is_convolved.clear();
    arch.short_kernel_size = config.integer_or({"conv_L_cache"}, 1, 1 << 10, 3);
    arch.has_short_bias = config.boolean_or({"conv_bias"}, false);
}

/// Two thirds of the size that the config says, times a factor, rounded up to a multiple.
void adjust_inner_size(ConfigReader& config, Architecture& arch) {
    if (config.has({"block_ff_dim"}))
        arch.intermediate_size = config.integer({"block_ff_dim"}, 1, kMostIntermediate);
    if (!config.boolean_or({"block_auto_adjust_ff_dim"}, true)) return;
    std::int64_t size = 2 * std::int64_t{arch.intermediate_size} / 3;
    const double factor = config.number_or({"block_ffn_dim_multiplier"}, 1e-6, 64, 1.0);
    const int multiple = config.integer_or({"block_multiple_of"}, 1, kMostIntermediate, 256);
    size = static_cast<std::int64_t>(factor * static_cast<double>(size));
    size = (size + multiple - 1) / multiple * multiple;
    if (size < 1 || size > kMostIntermediate) {
        config.fail_with(
            ErrorKind::Corrupt,
            fmt::format("feed-forward parts of width {} (intermediate_size and the block_* keys)", size));
        return;
    }
    arch.intermediate_size = static_cast<int>(size);
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 1e6;
    defaults.vocab_size = 65536;
    defaults.num_heads = 32;
    defaults.num_kv_heads = 8;
    defaults.max_positions = 128000;
    Architecture arch = read_llama_config(config, defaults);
    arch.norm_eps = config.number_or({"norm_eps"}, 0, 1, 1e-5);
    arch.activation = Activation::Silu;  // whatever hidden_act says
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    arch.qk_norm = Architecture::QkNorm::PerHead;
    arch.is_head_tied = config.boolean_or({"tie_embedding", "tie_word_embeddings"}, true);
    adjust_inner_size(config, arch);
    read_convolved(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), attention = layer + "self_attn.";
        table.add(layer + "operator_norm", layer + "attention_norm");
        table.add(attention + "q_proj", layer + "query");
        table.add(attention + "k_proj", layer + "key");
        table.add(attention + "v_proj", layer + "value");
        table.add(attention + "out_proj", layer + "output");
        table.add(attention + "q_layernorm", layer + "query_norm");
        table.add(attention + "k_layernorm", layer + "key_norm");
        table.add(layer + "conv.in_proj", layer + "short_in");
        table.add(layer + "conv.conv", layer + "short_filter");
        table.add(layer + "conv.out_proj", layer + "short_out");
        table.add(layer + "ffn_norm", layer + "mlp_norm");
        table.add(layer + "feed_forward.w1", layer + "gate");
        table.add(layer + "feed_forward.w2", layer + "down");
        table.add(layer + "feed_forward.w3", layer + "up");
    }
    table.add("embed_tokens", "token_embedding");
    table.add("embedding_norm", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "lfm2");
    config["block_multiple_of"] = 8;
    return config;
}

}  // namespace

extern const Family k_family_lfm2 = {"lfm2",      "LFM2",       "model.",       matches,
                                     read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
