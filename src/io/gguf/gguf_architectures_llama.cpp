// Llama and those whose blocks are named like its own: Mixtral, Qwen, Phi-3, StableLM, OLMo, Granite,
// Command-R, StarCoder2, Nemotron, Arcee, Seed-OSS, ERNIE 4.5, Hunyuan, EXAONE 4, SmolLM3.
#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;
const GgufSettings kSizes = {{"block_count", "num_hidden_layers"},
                             {"context_length", "max_position_embeddings"},
                             {"embedding_length", "hidden_size"},
                             {"attention.head_count", "num_attention_heads"},
                             {"attention.head_count_kv", "num_key_value_heads", false},
                             {"vocab_size", "vocab_size", false}};
const GgufSettings kDense = joined(kSizes, {{"feed_forward_length", "intermediate_size"}});
const GgufSettings kHeadDim = {{"attention.key_length", "head_dim", false}};
const GgufSettings kRmsNorm = {{"attention.layer_norm_rms_epsilon", "rms_norm_eps"}};
const GgufSettings kExperts = {{"expert_used_count", "num_experts_per_tok"}};

const GgufModules kTop = {
    {"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"}};
const GgufModules kNorms = {{"blk.{}.attn_norm", "model.layers.{}.input_layernorm"},
                            {"blk.{}.ffn_norm", "model.layers.{}.post_attention_layernorm"}};
const GgufModules kProjections = {{"blk.{}.attn_q", "model.layers.{}.self_attn.q_proj"},
                                  {"blk.{}.attn_k", "model.layers.{}.self_attn.k_proj"},
                                  {"blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"},
                                  {"blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"}};
const GgufModules kHalvedAttention = {
    {"blk.{}.attn_q", "model.layers.{}.self_attn.q_proj", GgufOrder::QueryHalves},
    {"blk.{}.attn_k", "model.layers.{}.self_attn.k_proj", GgufOrder::KeyHalves},
    {"blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"},
    {"blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"}};
const GgufModules kHeadNorms = {{"blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm"},
                                {"blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm"}};
const GgufModules kMlp = {{"blk.{}.ffn_gate", "model.layers.{}.mlp.gate_proj"},
                          {"blk.{}.ffn_up", "model.layers.{}.mlp.up_proj"},
                          {"blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"}};
const GgufModules kQwenExperts = {
    {"blk.{}.ffn_gate_inp", "model.layers.{}.mlp.gate"},
    {"blk.{}.ffn_gate_exps", "model.layers.{}.mlp.experts.{e}.gate_proj", GgufOrder::Experts},
    {"blk.{}.ffn_up_exps", "model.layers.{}.mlp.experts.{e}.up_proj", GgufOrder::Experts},
    {"blk.{}.ffn_down_exps", "model.layers.{}.mlp.experts.{e}.down_proj", GgufOrder::Experts}};

std::int64_t head_dim_of(const json& config) {
    const std::int64_t given = config_count(config, "head_dim"),
                       heads = config_count(config, "num_attention_heads");
    return given > 0 ? given : heads > 0 ? config_count(config, "hidden_size") / heads : 0;
}

void finish_common(const GgufFile& gguf, json& config) {
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    config["hidden_act"] = "silu";
    set_gguf_rope(gguf, config, head_dim_of(config));
}

void finish_llama(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["attention_bias"] = has_gguf_tensor(gguf, "blk.0.attn_q.bias");
    config["mlp_bias"] = has_gguf_tensor(gguf, "blk.0.ffn_up.bias");
}

void finish_mixtral(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    copy_gguf_value(gguf, "expert_count", config, "num_local_experts");
    copy_gguf_value(gguf, "attention.sliding_window", config, "sliding_window");
}

void finish_qwen3(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["attention_bias"] = has_gguf_tensor(gguf, "blk.0.attn_q.bias");
}

void finish_qwen_experts(const GgufFile& gguf, json& config) {
    finish_qwen3(gguf, config);
    // Qwen2-MoE does not renormalise the weights of the chosen experts, Qwen3-MoE does; the file does not
    // say.
    config["norm_topk_prob"] = config["model_type"] == "qwen3_moe";
    config["decoder_sparse_step"] = 1;
    config["mlp_only_layers"] = json::array();
}

void finish_phi3(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    const json* window = gguf_value(gguf, "attention.sliding_window");
    config["sliding_window"] = window != nullptr && *window != 0 ? *window : json(nullptr);
}

void finish_stablelm(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["use_qkv_bias"] = has_gguf_tensor(gguf, "blk.0.attn_q.bias");
    config["use_parallel_residual"] = !has_gguf_tensor(gguf, "blk.0.ffn_norm.weight");
}

void finish_olmo(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    copy_gguf_value(gguf, "attention.clamp_kqv", config, "clip_qkv");
}

void finish_granite(const GgufFile& gguf, json& config) {
    finish_llama(gguf, config);
    copy_gguf_value(gguf, "embedding_scale", config, "embedding_multiplier");
    copy_gguf_value(gguf, "residual_scale", config, "residual_multiplier");
    copy_gguf_value(gguf, "attention.scale", config, "attention_multiplier");
    copy_gguf_value(gguf, "logit_scale", config, "logits_scaling");
}

void finish_cohere(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["use_qk_norm"] = has_gguf_tensor(gguf, "blk.0.attn_q_norm.weight");
    copy_gguf_value(gguf, "logit_scale", config, "logit_scale");
}

void finish_starcoder2(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["hidden_act"] = "gelu_pytorch_tanh";
    config["use_bias"] = has_gguf_tensor(gguf, "blk.0.attn_q.bias");
    copy_gguf_value(gguf, "attention.sliding_window", config, "sliding_window");
}

void finish_squared_relu(const GgufFile& gguf, json& config) {
    finish_llama(gguf, config);
    config["hidden_act"] = "relu2";
}

void finish_seed_oss(const GgufFile& gguf, json& config) {
    finish_llama(gguf, config);
    config["attention_out_bias"] = has_gguf_tensor(gguf, "blk.0.attn_output.bias");
}

void finish_ernie(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    config["use_bias"] = has_gguf_tensor(gguf, "blk.0.attn_q.bias");
}

/// `sliding_window` (null: none) and, where the file lists them, the layers that look through it.
void set_windows(const GgufFile& gguf, json& config) {
    const json* window = gguf_value(gguf, "attention.sliding_window");
    config["sliding_window"] = window != nullptr && *window != 0 ? *window : json(nullptr);
    const json* pattern = gguf_value(gguf, "attention.sliding_window_pattern");
    if (config["sliding_window"].is_null() || pattern == nullptr || !pattern->is_array()) return;
    json& types = config["layer_types"] = json::array();
    for (const json& is_local : *pattern)
        types.push_back(is_local == true ? "sliding_attention" : "full_attention");
}

void finish_exaone4(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    set_windows(gguf, config);
}

/// OLMo 3 goes by the same name; it has windows, and no scaling reaches the layers that look through them.
void finish_olmo2(const GgufFile& gguf, json& config) {
    finish_common(gguf, config);
    if (gguf_value(gguf, "attention.sliding_window") == nullptr) return;
    config["model_type"] = "olmo3";
    set_windows(gguf, config);
    const json full = config["rope_parameters"];
    config["rope_parameters"] = {
        {"full_attention", full},
        {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", full["rope_theta"]}}}};
}

void finish_smollm3(const GgufFile& gguf, json& config) {
    finish_llama(gguf, config);
    config["no_rope_layer_interval"] = 4;  // the file does not say
}

/// Those that joined later.
void add_later_architectures(std::vector<GgufArchitecture>& out) {
    const GgufModules llama = joined(joined(kTop, kNorms), kHalvedAttention),
                      plain = joined(joined(kTop, kNorms), kProjections);
    const GgufSettings llama_settings = joined(joined(kDense, kHeadDim), kRmsNorm);
    out.push_back(
        {"nemotron", "nemotron", "",
         joined(joined(kDense, kHeadDim), {{"attention.layer_norm_epsilon", "norm_eps"}}),
         joined(joined(kProjections, kMlp),
                {{"token_embd", "model.embed_tokens"},
                 {"output_norm", "model.norm", GgufOrder::PlusOne},
                 {"output", "lm_head"},
                 {"blk.{}.attn_norm", "model.layers.{}.input_layernorm", GgufOrder::PlusOne},
                 {"blk.{}.ffn_norm", "model.layers.{}.post_attention_layernorm", GgufOrder::PlusOne}}),
         finish_squared_relu});
    out.push_back({"arcee", "arcee", "", llama_settings, joined(llama, kMlp), finish_squared_relu});
    out.push_back({"smollm3", "smollm3", "", llama_settings, joined(llama, kMlp), finish_smollm3});
    // ERNIE rotates neighbouring pairs itself, as Command-R.
    out.push_back({"ernie4_5", "ernie4_5", "", llama_settings, joined(plain, kMlp), finish_ernie});
    out.push_back({"seed_oss", "seed_oss", "", llama_settings,
                   joined(joined(joined(kTop, kProjections), kMlp),
                          {{"blk.{}.attn_norm", "model.layers.{}.input_layernorm"},
                           {"blk.{}.post_attention_norm", "model.layers.{}.post_attention_layernorm"}}),
                   finish_seed_oss});
    out.push_back(
        {"hunyuan-dense", "hunyuan_v1_dense", "", llama_settings,
         joined(joined(plain, kMlp), {{"blk.{}.attn_q_norm", "model.layers.{}.self_attn.query_layernorm"},
                                      {"blk.{}.attn_k_norm", "model.layers.{}.self_attn.key_layernorm"}}),
         finish_qwen3});
}

}  // namespace

void add_llama_architectures(std::vector<GgufArchitecture>& out) {
    const GgufModules llama = joined(joined(kTop, kNorms), kHalvedAttention),
                      plain = joined(joined(kTop, kNorms), kProjections);
    const GgufSettings llama_settings = joined(joined(kDense, kHeadDim), kRmsNorm);
    out.push_back(
        {"llama", "mixtral", "blk.0.ffn_gate_inp.weight", joined(llama_settings, kExperts),
         joined(
             llama,
             {{"blk.{}.ffn_gate_inp", "model.layers.{}.block_sparse_moe.gate"},
              {"blk.{}.ffn_gate_exps", "model.layers.{}.block_sparse_moe.experts.{e}.w1", GgufOrder::Experts},
              {"blk.{}.ffn_down_exps", "model.layers.{}.block_sparse_moe.experts.{e}.w2", GgufOrder::Experts},
              {"blk.{}.ffn_up_exps", "model.layers.{}.block_sparse_moe.experts.{e}.w3", GgufOrder::Experts}}),
         finish_mixtral});
    out.push_back({"llama", "llama", "", llama_settings, joined(llama, kMlp), finish_llama});
    out.push_back({"qwen2", "qwen2", "", joined(kDense, kRmsNorm), joined(plain, kMlp), finish_common});
    out.push_back(
        {"qwen3", "qwen3", "", llama_settings, joined(joined(plain, kHeadNorms), kMlp), finish_qwen3});
    const GgufSettings expert_sizes = {{"expert_count", "num_experts"},
                                       {"expert_used_count", "num_experts_per_tok"},
                                       {"expert_feed_forward_length", "moe_intermediate_size"}};
    out.push_back(
        {"qwen2moe", "qwen2_moe", "",
         joined(joined(joined(kDense, kRmsNorm), expert_sizes),
                {{"expert_shared_feed_forward_length", "shared_expert_intermediate_size"}}),
         joined(joined(plain, kQwenExperts),
                {{"blk.{}.ffn_gate_inp_shexp", "model.layers.{}.mlp.shared_expert_gate", GgufOrder::OneRow},
                 {"blk.{}.ffn_gate_shexp", "model.layers.{}.mlp.shared_expert.gate_proj"},
                 {"blk.{}.ffn_up_shexp", "model.layers.{}.mlp.shared_expert.up_proj"},
                 {"blk.{}.ffn_down_shexp", "model.layers.{}.mlp.shared_expert.down_proj"}}),
         finish_qwen_experts});
    out.push_back({"qwen3moe", "qwen3_moe", "", joined(llama_settings, expert_sizes),
                   joined(joined(plain, kHeadNorms), kQwenExperts), finish_qwen_experts});
    out.push_back({"phi3", "phi3", "", joined(kDense, kRmsNorm),
                   joined(joined(kTop, kNorms), {{"blk.{}.attn_qkv", "model.layers.{}.self_attn.qkv_proj"},
                                                 {"blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"},
                                                 {"blk.{}.ffn_up", "model.layers.{}.mlp.gate_up_proj"},
                                                 {"blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"}}),
                   finish_phi3});
    const GgufSettings layer_norm = {{"attention.layer_norm_epsilon", "layer_norm_eps"}};
    out.push_back(
        {"stablelm", "stablelm", "", joined(kDense, layer_norm), joined(plain, kMlp), finish_stablelm});
    out.push_back({"olmo", "olmo", "", kDense, joined(llama, kMlp), finish_olmo});
    const GgufModules norms_after =
        joined(joined(joined(joined(kTop, kProjections), kHeadNorms), kMlp),
               {{"blk.{}.post_attention_norm", "model.layers.{}.post_attention_layernorm"},
                {"blk.{}.post_ffw_norm", "model.layers.{}.post_feedforward_layernorm"}});
    out.push_back({"olmo2", "olmo2", "", joined(kDense, kRmsNorm), norms_after, finish_olmo2});
    out.push_back({"exaone4", "exaone4", "", llama_settings, norms_after, finish_exaone4});
    out.push_back({"granite", "granite", "", joined(kDense, kRmsNorm), joined(llama, kMlp), finish_granite});
    // Command-R rotates neighbouring pairs itself: its rows are as in the checkpoint.
    out.push_back({"command-r", "cohere", "", joined(kDense, layer_norm),
                   joined(joined(plain, kHeadNorms), kMlp), finish_cohere});
    out.push_back({"starcoder2", "starcoder2", "",
                   joined(kDense, {{"attention.layer_norm_epsilon", "norm_epsilon"}}),
                   joined(plain, {{"blk.{}.ffn_up", "model.layers.{}.mlp.c_fc"},
                                  {"blk.{}.ffn_down", "model.layers.{}.mlp.c_proj"}}),
                   finish_starcoder2});
    add_later_architectures(out);
}

}  // namespace headlight
