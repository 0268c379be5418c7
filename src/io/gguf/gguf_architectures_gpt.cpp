// The older decoders, and those with names like theirs: GPT-2, GPT-J, GPT-NeoX, Falcon, MPT, BLOOM, Phi-2,
// StarCoder, EXAONE.
#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;
const GgufSettings kShortSizes = {
    {"block_count", "n_layer"},         {"context_length", "n_positions"},
    {"embedding_length", "n_embd"},     {"feed_forward_length", "n_inner", false},
    {"attention.head_count", "n_head"}, {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    {"vocab_size", "vocab_size", false}};
const GgufSettings kLongSizes = {{"block_count", "num_hidden_layers"},
                                 {"context_length", "max_position_embeddings", false},
                                 {"embedding_length", "hidden_size"},
                                 {"attention.head_count", "num_attention_heads"},
                                 {"vocab_size", "vocab_size", false}};

/// GPT-2's names; `order` of its four projections.
GgufModules gpt2_modules(GgufOrder order) {
    return {{"token_embd", "transformer.wte"},
            {"position_embd", "transformer.wpe"},
            {"output_norm", "transformer.ln_f"},
            {"output", "lm_head"},
            {"blk.{}.attn_norm", "transformer.h.{}.ln_1"},
            {"blk.{}.ffn_norm", "transformer.h.{}.ln_2"},
            {"blk.{}.attn_qkv", "transformer.h.{}.attn.c_attn", order},
            {"blk.{}.attn_output", "transformer.h.{}.attn.c_proj", order},
            {"blk.{}.ffn_up", "transformer.h.{}.mlp.c_fc", order},
            {"blk.{}.ffn_down", "transformer.h.{}.mlp.c_proj", order}};
}

void finish_gpt2(const GgufFile&, json& config) {
    config["activation_function"] = "gelu_new";
}

void finish_starcoder(const GgufFile& gguf, json& config) {
    config["activation_function"] = "gelu_pytorch_tanh";
    const json* kv = gguf_value(gguf, "attention.head_count_kv");
    config["multi_query"] = kv == nullptr || *kv == 1;
}

void finish_gptj(const GgufFile& gguf, json& config) {
    config["activation_function"] = "gelu_new";
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    copy_gguf_value(gguf, "rope.dimension_count", config, "rotary_dim");
}

std::int64_t plain_head_dim(const json& config) {
    const std::int64_t heads = config_count(config, "num_attention_heads");
    return heads > 0 ? config_count(config, "hidden_size") / heads : 0;
}

void finish_neox(const GgufFile& gguf, json& config) {
    config["hidden_act"] = "gelu";
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    config["attention_bias"] = has_gguf_tensor(gguf, "blk.0.attn_qkv.bias");
    config["use_parallel_residual"] = true;
    copy_gguf_value(gguf, "use_parallel_residual", config, "use_parallel_residual");
    set_gguf_rope(gguf, config, plain_head_dim(config));
}

void finish_phi2(const GgufFile& gguf, json& config) {
    config["hidden_act"] = "gelu_new";
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    set_gguf_rope(gguf, config, plain_head_dim(config));
}

void finish_falcon(const GgufFile& gguf, json& config) {
    const json* kv = gguf_value(gguf, "attention.head_count_kv");
    const bool has_groups = kv != nullptr && kv->is_number_unsigned() && *kv != 1;
    config["new_decoder_architecture"] = has_groups;
    config["num_kv_heads"] = kv != nullptr ? *kv : json(1);
    config["multi_query"] = !has_groups;
    if (has_groups)
        config["num_ln_in_parallel_attn"] = has_gguf_tensor(gguf, "blk.0.attn_norm_2.weight") ? 2 : 1;
    config["parallel_attn"] = true;
    config["alibi"] = false;
    config["bias"] = has_gguf_tensor(gguf, "blk.0.attn_qkv.bias");
    config["activation"] = "gelu";
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    set_gguf_rope(gguf, config, plain_head_dim(config));
}

void finish_bloom(const GgufFile& gguf, json& config) {
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    config["apply_residual_connection_post_layernorm"] = false;
}

void finish_exaone(const GgufFile& gguf, json& config) {
    config["activation_function"] = "silu";
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    set_gguf_rope(gguf, config, plain_head_dim(config));
}

void finish_mpt(const GgufFile& gguf, json& config) {
    json attention = {{"alibi", true}, {"alibi_bias_max", 8}, {"clip_qkv", nullptr}, {"qk_ln", false}};
    copy_gguf_value(gguf, "attention.max_alibi_bias", attention, "alibi_bias_max");
    copy_gguf_value(gguf, "attention.clamp_kqv", attention, "clip_qkv");
    attention["alibi"] = attention["alibi_bias_max"] != 0;
    config["attn_config"] = std::move(attention);
    config["no_bias"] = !has_gguf_tensor(gguf, "blk.0.attn_qkv.bias");
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
    const std::int64_t width = config_count(config, "d_model");
    const json* inner = gguf_value(gguf, "feed_forward_length");
    if (width > 0 && inner != nullptr && inner->is_number_unsigned())
        config["expansion_ratio"] = inner->get<std::int64_t>() / width;
}

GgufModules falcon_modules(bool has_two_norms) {
    GgufModules out = {
        {"token_embd", "transformer.word_embeddings"},
        {"output_norm", "transformer.ln_f"},
        {"output", "lm_head"},
        {"blk.{}.attn_qkv", "transformer.h.{}.self_attention.query_key_value", GgufOrder::FusedPerGroup},
        {"blk.{}.attn_output", "transformer.h.{}.self_attention.dense"},
        {"blk.{}.ffn_up", "transformer.h.{}.mlp.dense_h_to_4h"},
        {"blk.{}.ffn_down", "transformer.h.{}.mlp.dense_4h_to_h"}};
    if (has_two_norms) {
        out.push_back({"blk.{}.attn_norm", "transformer.h.{}.ln_mlp"});
        out.push_back({"blk.{}.attn_norm_2", "transformer.h.{}.ln_attn"});
    } else {
        out.push_back({"blk.{}.attn_norm", "transformer.h.{}.input_layernorm"});
    }
    return out;
}

void add_gpt2_line(std::vector<GgufArchitecture>& out) {
    out.push_back({"gpt2", "gpt2", "", kShortSizes, gpt2_modules(GgufOrder::Transposed), finish_gpt2});
    out.push_back(
        {"starcoder", "gpt_bigcode", "", kShortSizes, gpt2_modules(GgufOrder::AsIs), finish_starcoder});
    out.push_back({"gptj",
                   "gptj",
                   "",
                   kShortSizes,
                   {{"token_embd", "transformer.wte"},
                    {"output_norm", "transformer.ln_f"},
                    {"output", "lm_head"},
                    {"blk.{}.attn_norm", "transformer.h.{}.ln_1"},
                    {"blk.{}.attn_q", "transformer.h.{}.attn.q_proj"},
                    {"blk.{}.attn_k", "transformer.h.{}.attn.k_proj"},
                    {"blk.{}.attn_v", "transformer.h.{}.attn.v_proj"},
                    {"blk.{}.attn_output", "transformer.h.{}.attn.out_proj"},
                    {"blk.{}.ffn_up", "transformer.h.{}.mlp.fc_in"},
                    {"blk.{}.ffn_down", "transformer.h.{}.mlp.fc_out"}},
                   finish_gptj});
}

void add_rotary_line(std::vector<GgufArchitecture>& out) {
    const GgufSettings with_inner = joined(kLongSizes, {{"feed_forward_length", "intermediate_size"},
                                                        {"attention.layer_norm_epsilon", "layer_norm_eps"}});
    out.push_back(
        {"gptneox",
         "gpt_neox",
         "",
         with_inner,
         {{"token_embd", "gpt_neox.embed_in"},
          {"output_norm", "gpt_neox.final_layer_norm"},
          {"output", "embed_out"},
          {"blk.{}.attn_norm", "gpt_neox.layers.{}.input_layernorm"},
          {"blk.{}.ffn_norm", "gpt_neox.layers.{}.post_attention_layernorm"},
          {"blk.{}.attn_qkv", "gpt_neox.layers.{}.attention.query_key_value", GgufOrder::FusedPerHead},
          {"blk.{}.attn_output", "gpt_neox.layers.{}.attention.dense"},
          {"blk.{}.ffn_up", "gpt_neox.layers.{}.mlp.dense_h_to_4h"},
          {"blk.{}.ffn_down", "gpt_neox.layers.{}.mlp.dense_4h_to_h"}},
         finish_neox});
    out.push_back({"phi2",
                   "phi",
                   "",
                   joined(with_inner, {{"attention.head_count_kv", "num_key_value_heads", false}}),
                   {{"token_embd", "model.embed_tokens"},
                    {"output_norm", "model.final_layernorm"},
                    {"output", "lm_head"},
                    {"blk.{}.attn_norm", "model.layers.{}.input_layernorm"},
                    {"blk.{}.attn_q", "model.layers.{}.self_attn.q_proj"},
                    {"blk.{}.attn_k", "model.layers.{}.self_attn.k_proj"},
                    {"blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"},
                    {"blk.{}.attn_output", "model.layers.{}.self_attn.dense"},
                    {"blk.{}.ffn_up", "model.layers.{}.mlp.fc1"},
                    {"blk.{}.ffn_down", "model.layers.{}.mlp.fc2"}},
                   finish_phi2});
    const GgufSettings falcon = joined(kLongSizes, {{"feed_forward_length", "ffn_hidden_size"},
                                                    {"attention.layer_norm_epsilon", "layer_norm_epsilon"}});
    out.push_back(
        {"falcon", "falcon", "blk.0.attn_norm_2.weight", falcon, falcon_modules(true), finish_falcon});
    out.push_back({"falcon", "falcon", "", falcon, falcon_modules(false), finish_falcon});
}

void add_others(std::vector<GgufArchitecture>& out) {
    out.push_back(
        {"bloom",
         "bloom",
         "",
         {{"block_count", "n_layer"},
          {"embedding_length", "hidden_size"},
          {"attention.head_count", "n_head"},
          {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
          {"context_length", "seq_length", false},
          {"vocab_size", "vocab_size", false}},
         {{"token_embd", "transformer.word_embeddings"},
          {"token_embd_norm", "transformer.word_embeddings_layernorm"},
          {"output_norm", "transformer.ln_f"},
          {"output", "lm_head"},
          {"blk.{}.attn_norm", "transformer.h.{}.input_layernorm"},
          {"blk.{}.ffn_norm", "transformer.h.{}.post_attention_layernorm"},
          {"blk.{}.attn_qkv", "transformer.h.{}.self_attention.query_key_value", GgufOrder::FusedPerHead},
          {"blk.{}.attn_output", "transformer.h.{}.self_attention.dense"},
          {"blk.{}.ffn_up", "transformer.h.{}.mlp.dense_h_to_4h"},
          {"blk.{}.ffn_down", "transformer.h.{}.mlp.dense_4h_to_h"}},
         finish_bloom});
    out.push_back({"exaone",
                   "exaone",
                   "",
                   {{"block_count", "num_layers"},
                    {"context_length", "max_position_embeddings"},
                    {"embedding_length", "hidden_size"},
                    {"feed_forward_length", "intermediate_size"},
                    {"attention.head_count", "num_attention_heads"},
                    {"attention.head_count_kv", "num_key_value_heads", false},
                    {"attention.layer_norm_rms_epsilon", "layer_norm_epsilon"},
                    {"vocab_size", "vocab_size", false}},
                   {{"token_embd", "transformer.wte"},
                    {"output_norm", "transformer.ln_f"},
                    {"output", "lm_head"},
                    {"blk.{}.attn_norm", "transformer.h.{}.ln_1"},
                    {"blk.{}.ffn_norm", "transformer.h.{}.ln_2"},
                    {"blk.{}.attn_q", "transformer.h.{}.attn.attention.q_proj"},
                    {"blk.{}.attn_k", "transformer.h.{}.attn.attention.k_proj"},
                    {"blk.{}.attn_v", "transformer.h.{}.attn.attention.v_proj"},
                    {"blk.{}.attn_output", "transformer.h.{}.attn.attention.out_proj"},
                    {"blk.{}.ffn_gate", "transformer.h.{}.mlp.c_fc_0"},
                    {"blk.{}.ffn_up", "transformer.h.{}.mlp.c_fc_1"},
                    {"blk.{}.ffn_down", "transformer.h.{}.mlp.c_proj"}},
                   finish_exaone});
    out.push_back({"mpt",
                   "mpt",
                   "",
                   {{"block_count", "n_layers"},
                    {"context_length", "max_seq_len"},
                    {"embedding_length", "d_model"},
                    {"attention.head_count", "n_heads"},
                    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
                    {"vocab_size", "vocab_size", false}},
                   {{"token_embd", "transformer.wte"},
                    {"output_norm", "transformer.norm_f"},
                    {"output", "lm_head"},
                    {"blk.{}.attn_norm", "transformer.blocks.{}.norm_1"},
                    {"blk.{}.ffn_norm", "transformer.blocks.{}.norm_2"},
                    {"blk.{}.attn_qkv", "transformer.blocks.{}.attn.Wqkv"},
                    {"blk.{}.attn_output", "transformer.blocks.{}.attn.out_proj"},
                    {"blk.{}.ffn_up", "transformer.blocks.{}.ffn.up_proj"},
                    {"blk.{}.ffn_down", "transformer.blocks.{}.ffn.down_proj"}},
                   finish_mpt});
}

}  // namespace

void add_gpt_architectures(std::vector<GgufArchitecture>& out) {
    add_gpt2_line(out);
    add_rotary_line(out);
    add_others(out);
}

}  // namespace headlight
