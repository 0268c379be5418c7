// Llama and all that share its layout (SmolLM, TinyLlama): RMS norm, rotary positions, grouped keys, gated feed-forward.
// Touvron et al. 2023.
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/family.h"
#include "model/shared_config.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) { return config_says(config, "llama", "Llama"); }

void read_heads(ConfigReader& config, Architecture& arch) {
    arch.num_heads = config.integer({"num_attention_heads"}, 1, kMostHeads);
    arch.num_kv_heads = config.integer_or({"num_key_value_heads"}, 1, kMostHeads, arch.num_heads);
    if (config.has({"head_dim"})) {
        arch.head_dim = config.integer({"head_dim"}, 1, kMostHeadDim);
        return;
    }
    if (arch.hidden_size % arch.num_heads != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's hidden_size ({}) is not a multiple of its num_attention_heads ({}), "
                                     "and it gives no head_dim", arch.hidden_size, arch.num_heads));
    }
    arch.head_dim = arch.hidden_size / arch.num_heads;
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers"}, 1, kMostLayers);
    arch.intermediate_size = config.integer({"intermediate_size"}, 1, kMostIntermediate);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer_or({"max_position_embeddings"}, 1, kMostPositions, 2048);
    read_heads(config, arch);
    arch.norm = NormKind::RmsNorm;
    arch.norm_eps = config.number_or({"rms_norm_eps"}, 0, 1, 1e-6);
    arch.position = PositionKind::Rotary;
    read_rope(config, arch);
    arch.activation = read_activation(config, {"hidden_act"}, "silu");
    arch.is_gated = true;
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, false);
    arch.has_mlp_bias = config.boolean_or({"mlp_bias"}, false);
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, false);
    arch.attention_scale.assign(static_cast<std::size_t>(arch.num_layers),
                                static_cast<float>(1.0 / std::sqrt(std::max(1, arch.head_dim))));
    return arch;
}

void add_projection(std::vector<FileWeight>& list, const std::string& file, const std::string& slot, bool has_bias) {
    list.push_back({file + ".weight", {slot}});
    if (has_bias) list.push_back({file + ".bias", {slot + "_bias"}});
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = {{"embed_tokens.weight", {"token_embedding"}}};
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = "layers." + std::to_string(i) + ".";
        list.push_back({file + "input_layernorm.weight", {file + "attention_norm"}});
        add_projection(list, file + "self_attn.q_proj", file + "query", arch.has_qkv_bias);
        add_projection(list, file + "self_attn.k_proj", file + "key", arch.has_qkv_bias);
        add_projection(list, file + "self_attn.v_proj", file + "value", arch.has_qkv_bias);
        add_projection(list, file + "self_attn.o_proj", file + "output", arch.has_output_bias);
        list.push_back({file + "post_attention_layernorm.weight", {file + "mlp_norm"}});
        add_projection(list, file + "mlp.gate_proj", file + "gate", arch.has_mlp_bias);
        add_projection(list, file + "mlp.up_proj", file + "up", arch.has_mlp_bias);
        add_projection(list, file + "mlp.down_proj", file + "down", arch.has_mlp_bias);
    }
    list.push_back({"norm.weight", {"final_norm"}});
    if (!arch.is_head_tied) list.push_back({"lm_head.weight", {"head"}, false, false});
    return list;
}

/// Frequency tables that old files carry, and the second copy of a tied head.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with("rotary_emb.inv_freq") || (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    const int inner = (request.hidden_size * 8 / 3 + 31) / 32 * 32;
    return {{"model_type", "llama"},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_key_value_heads", request.num_kv_heads > 0 ? request.num_kv_heads : request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"intermediate_size", inner},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions},
            {"rms_norm_eps", 1e-5}};
}

}  // namespace

extern const Family k_family_llama;
const Family k_family_llama = {"llama",     "Llama",      "model.",   matches,
                               read_config, file_weights, is_ignored, random_config};

}  // namespace headlight
