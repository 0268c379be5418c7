// GPT-2: learned positions, layer norm before each part, fused q k v stored [in, out]. Radford et al. 2019.
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/family.h"
#include "model/shared_config.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) { return config_says(config, "gpt2", "GPT2"); }

void read_scales(ConfigReader& config, Architecture& arch) {
    const double scale = config.boolean_or({"scale_attn_weights"}, true) ? 1.0 / std::sqrt(arch.head_dim) : 1.0;
    const bool by_layer = config.boolean_or({"scale_attn_by_inverse_layer_idx"}, false);
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        arch.attention_scale.push_back(static_cast<float>(by_layer ? scale / (layer + 1.0) : scale));
    }
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"n_embd", "hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"n_layer", "num_hidden_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"n_head", "num_attention_heads"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer({"n_positions", "n_ctx", "max_position_embeddings"}, 1, kMostPositions);
    arch.intermediate_size = config.integer_or({"n_inner"}, 1, kMostIntermediate, 4 * arch.hidden_size);
    if (arch.hidden_size % arch.num_heads != 0) {
        config.fail_with(ErrorKind::Corrupt, fmt::format("the config's n_embd ({}) is not a multiple of its n_head ({})",
                                                         arch.hidden_size, arch.num_heads));
    }
    if (config.boolean_or({"add_cross_attention"}, false)) {
        config.fail_with(ErrorKind::Unsupported, "GPT-2 with cross-attention (add_cross_attention) is not supported");
    }
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = arch.hidden_size / arch.num_heads;
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.has_norm_bias = arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.position = PositionKind::Learned;
    arch.activation = read_activation(config, {"activation_function"}, "gelu_new");
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    read_scales(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = {{"wte.weight", {"token_embedding"}}, {"wpe.weight", {"position_embedding"}}};
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = "h." + std::to_string(i) + ".", slot = "layers." + std::to_string(i) + ".";
        list.push_back({file + "ln_1.weight", {slot + "attention_norm"}});
        list.push_back({file + "ln_1.bias", {slot + "attention_norm_bias"}});
        list.push_back({file + "attn.c_attn.weight", {slot + "query", slot + "key", slot + "value"}, true});
        list.push_back({file + "attn.c_attn.bias", {slot + "query_bias", slot + "key_bias", slot + "value_bias"}});
        list.push_back({file + "attn.c_proj.weight", {slot + "output"}, true});
        list.push_back({file + "attn.c_proj.bias", {slot + "output_bias"}});
        list.push_back({file + "ln_2.weight", {slot + "mlp_norm"}});
        list.push_back({file + "ln_2.bias", {slot + "mlp_norm_bias"}});
        list.push_back({file + "mlp.c_fc.weight", {slot + "up"}, true});
        list.push_back({file + "mlp.c_fc.bias", {slot + "up_bias"}});
        list.push_back({file + "mlp.c_proj.weight", {slot + "down"}, true});
        list.push_back({file + "mlp.c_proj.bias", {slot + "down_bias"}});
    }
    list.push_back({"ln_f.weight", {"final_norm"}});
    list.push_back({"ln_f.bias", {"final_norm_bias"}});
    if (!arch.is_head_tied) list.push_back({"lm_head.weight", {"head"}, false, false});
    return list;
}

/// Causal masks that old files carry, and the second copy of a tied head.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") ||
           (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "gpt2"},         {"n_embd", request.hidden_size}, {"n_head", request.num_heads},
            {"n_layer", request.num_layers}, {"vocab_size", request.vocab_size}, {"n_positions", request.max_positions}};
}

}  // namespace

extern const Family k_family_gpt2;
const Family k_family_gpt2 = {"gpt2",       "GPT-2",      "transformer.", matches,
                              read_config, file_weights, is_ignored,     random_config};

}  // namespace headlight
