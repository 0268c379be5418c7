// Gemma 1, 2 and 3. Their norms are stored as 1 + w, and a few numbers are known only from the size of the
// model.
#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;

const std::vector<GgufSetting> kSettings = {{"block_count", "num_hidden_layers"},
                                            {"context_length", "max_position_embeddings"},
                                            {"embedding_length", "hidden_size"},
                                            {"feed_forward_length", "intermediate_size"},
                                            {"attention.head_count", "num_attention_heads"},
                                            {"attention.head_count_kv", "num_key_value_heads", false},
                                            {"attention.key_length", "head_dim"},
                                            {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                                            {"vocab_size", "vocab_size", false}};

const std::vector<GgufModule> kShared = {
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm", GgufOrder::PlusOne},
    {"output", "lm_head"},
    {"blk.{}.attn_norm", "model.layers.{}.input_layernorm", GgufOrder::PlusOne},
    {"blk.{}.attn_q", "model.layers.{}.self_attn.q_proj"},
    {"blk.{}.attn_k", "model.layers.{}.self_attn.k_proj"},
    {"blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"},
    {"blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"},
    {"blk.{}.ffn_gate", "model.layers.{}.mlp.gate_proj"},
    {"blk.{}.ffn_up", "model.layers.{}.mlp.up_proj"},
    {"blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"}};

const std::vector<GgufModule> kFourNorms = {
    {"blk.{}.post_attention_norm", "model.layers.{}.post_attention_layernorm", GgufOrder::PlusOne},
    {"blk.{}.ffn_norm", "model.layers.{}.pre_feedforward_layernorm", GgufOrder::PlusOne},
    {"blk.{}.post_ffw_norm", "model.layers.{}.post_feedforward_layernorm", GgufOrder::PlusOne},
    {"blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm", GgufOrder::PlusOne},
    {"blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm", GgufOrder::PlusOne}};

void finish_gemma(const GgufFile& gguf, json& config) {
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    config["hidden_act"] = config["hidden_activation"] = "gelu_pytorch_tanh";
    set_gguf_rope(gguf, config, config_count(config, "head_dim"));
}

/// Queries are scaled by the width of a head, but in the models of 27 billion parameters by hidden size over
/// heads; the number of layers is how programs that run these files tell them.
void set_query_scale(json& config, std::int64_t layers_of_27b) {
    const std::int64_t heads = config_count(config, "num_attention_heads");
    const bool is_27b = config_count(config, "num_hidden_layers") == layers_of_27b && heads > 0;
    config["query_pre_attn_scalar"] =
        is_27b ? config_count(config, "hidden_size") / heads : config_count(config, "head_dim");
}

void finish_gemma2(const GgufFile& gguf, json& config) {
    finish_gemma(gguf, config);
    set_query_scale(config, 46);
    copy_gguf_value(gguf, "attn_logit_softcapping", config, "attn_logit_softcapping");
    copy_gguf_value(gguf, "final_logit_softcapping", config, "final_logit_softcapping");
    copy_gguf_value(gguf, "attention.sliding_window", config, "sliding_window");
}

void finish_gemma3(const GgufFile& gguf, json& config) {
    finish_gemma(gguf, config);
    set_query_scale(config, 62);
    config["attn_logit_softcapping"] = nullptr;
    config["final_logit_softcapping"] = nullptr;
    copy_gguf_value(gguf, "final_logit_softcapping", config, "final_logit_softcapping");
    copy_gguf_value(gguf, "attention.sliding_window", config, "sliding_window");
    // Five layers of six see a window and rotate with a base of their own; scaling is that of the others.
    const json* pattern = gguf_value(gguf, "attention.sliding_window_pattern");
    const std::int64_t every =
        pattern != nullptr && pattern->is_number_unsigned() ? pattern->get<std::int64_t>() : 6;
    json local = {{"rope_type", "default"}, {"rope_theta", 10000.0}};
    copy_gguf_value(gguf, "rope.freq_base_swa", local, "rope_theta");
    config["rope_parameters"] = {{"full_attention", config["rope_parameters"]},
                                 {"sliding_attention", std::move(local)}};
    json types = json::array();
    constexpr std::int64_t kMostLayers = 65536;
    for (std::int64_t layer = 0; layer < std::min(kMostLayers, config_count(config, "num_hidden_layers"));
         ++layer)
        types.push_back(every > 0 && (layer + 1) % every == 0 ? "full_attention" : "sliding_attention");
    config["layer_types"] = std::move(types);
}

}  // namespace

void add_gemma_architectures(std::vector<GgufArchitecture>& out) {
    out.push_back({"gemma", "gemma", "", kSettings,
                   joined(kShared, {{"blk.{}.ffn_norm", "model.layers.{}.post_attention_layernorm",
                                     GgufOrder::PlusOne}}),
                   finish_gemma});
    out.push_back({"gemma2", "gemma2", "", kSettings, joined(kShared, kFourNorms), finish_gemma2});
    out.push_back({"gemma3", "gemma3_text", "", kSettings, joined(kShared, kFourNorms), finish_gemma3});
}

}  // namespace headlight
