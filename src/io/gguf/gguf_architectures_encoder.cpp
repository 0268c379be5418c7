// BERT and T5.
#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;

void finish_bert(const GgufFile& gguf, json& config) {
    config["hidden_act"] = "gelu";
    const auto types = gguf_shape(gguf, "token_types.weight");
    config["type_vocab_size"] = types.size() == 2 ? types[0] : 1;
}

void finish_t5(const GgufFile& gguf, json& config) {
    const bool is_gated = has_gguf_tensor(gguf, "enc.blk.0.ffn_gate.weight");
    config["feed_forward_proj"] = is_gated ? "gated-gelu" : "relu";
    config["is_gated_act"] = is_gated;
    config["dense_act_fn"] = is_gated ? "gelu_new" : "relu";
    config["is_encoder_decoder"] = true;
    config["num_decoder_layers"] = config["num_layers"];
    copy_gguf_value(gguf, "decoder_block_count", config, "num_decoder_layers");
    copy_gguf_value(gguf, "decoder_start_token_id", config, "decoder_start_token_id");
    config["relative_attention_max_distance"] = 128;
    config["tie_word_embeddings"] = !has_gguf_tensor(gguf, "output.weight");
}

std::vector<GgufModule> t5_modules() {
    std::vector<GgufModule> out = {{"token_embd", "shared"},
                                   {"output", "lm_head"},
                                   {"enc.output_norm", "encoder.final_layer_norm"},
                                   {"dec.output_norm", "decoder.final_layer_norm"}};
    const std::vector<GgufModule> blocks = {
        {"enc.blk.{}.attn_norm", "encoder.block.{}.layer.0.layer_norm"},
        {"enc.blk.{}.attn_q", "encoder.block.{}.layer.0.SelfAttention.q"},
        {"enc.blk.{}.attn_k", "encoder.block.{}.layer.0.SelfAttention.k"},
        {"enc.blk.{}.attn_v", "encoder.block.{}.layer.0.SelfAttention.v"},
        {"enc.blk.{}.attn_o", "encoder.block.{}.layer.0.SelfAttention.o"},
        {"enc.blk.{}.attn_rel_b", "encoder.block.{}.layer.0.SelfAttention.relative_attention_bias"},
        {"enc.blk.{}.ffn_norm", "encoder.block.{}.layer.1.layer_norm"},
        {"enc.blk.{}.ffn_down", "encoder.block.{}.layer.1.DenseReluDense.wo"},
        {"dec.blk.{}.attn_norm", "decoder.block.{}.layer.0.layer_norm"},
        {"dec.blk.{}.attn_q", "decoder.block.{}.layer.0.SelfAttention.q"},
        {"dec.blk.{}.attn_k", "decoder.block.{}.layer.0.SelfAttention.k"},
        {"dec.blk.{}.attn_v", "decoder.block.{}.layer.0.SelfAttention.v"},
        {"dec.blk.{}.attn_o", "decoder.block.{}.layer.0.SelfAttention.o"},
        {"dec.blk.{}.attn_rel_b", "decoder.block.{}.layer.0.SelfAttention.relative_attention_bias"},
        {"dec.blk.{}.cross_attn_norm", "decoder.block.{}.layer.1.layer_norm"},
        {"dec.blk.{}.cross_attn_q", "decoder.block.{}.layer.1.EncDecAttention.q"},
        {"dec.blk.{}.cross_attn_k", "decoder.block.{}.layer.1.EncDecAttention.k"},
        {"dec.blk.{}.cross_attn_v", "decoder.block.{}.layer.1.EncDecAttention.v"},
        {"dec.blk.{}.cross_attn_o", "decoder.block.{}.layer.1.EncDecAttention.o"},
        {"dec.blk.{}.ffn_norm", "decoder.block.{}.layer.2.layer_norm"},
        {"dec.blk.{}.ffn_down", "decoder.block.{}.layer.2.DenseReluDense.wo"}};
    out.insert(out.end(), blocks.begin(), blocks.end());
    return out;
}

}  // namespace

void add_encoder_architectures(std::vector<GgufArchitecture>& out) {
    out.push_back({"bert",
                   "bert",
                   "",
                   {{"block_count", "num_hidden_layers"},
                    {"context_length", "max_position_embeddings"},
                    {"embedding_length", "hidden_size"},
                    {"feed_forward_length", "intermediate_size"},
                    {"attention.head_count", "num_attention_heads"},
                    {"attention.layer_norm_epsilon", "layer_norm_eps"},
                    {"vocab_size", "vocab_size", false}},
                   {{"token_embd", "bert.embeddings.word_embeddings"},
                    {"position_embd", "bert.embeddings.position_embeddings"},
                    {"token_types", "bert.embeddings.token_type_embeddings", GgufOrder::OneRow},
                    {"token_embd_norm", "bert.embeddings.LayerNorm"},
                    {"blk.{}.attn_q", "bert.encoder.layer.{}.attention.self.query"},
                    {"blk.{}.attn_k", "bert.encoder.layer.{}.attention.self.key"},
                    {"blk.{}.attn_v", "bert.encoder.layer.{}.attention.self.value"},
                    {"blk.{}.attn_output", "bert.encoder.layer.{}.attention.output.dense"},
                    {"blk.{}.attn_output_norm", "bert.encoder.layer.{}.attention.output.LayerNorm"},
                    {"blk.{}.ffn_up", "bert.encoder.layer.{}.intermediate.dense"},
                    {"blk.{}.ffn_down", "bert.encoder.layer.{}.output.dense"},
                    {"blk.{}.layer_output_norm", "bert.encoder.layer.{}.output.LayerNorm"}},
                   finish_bert});
    const std::vector<GgufSetting> t5 = {
        {"block_count", "num_layers"},
        {"embedding_length", "d_model"},
        {"feed_forward_length", "d_ff"},
        {"attention.head_count", "num_heads"},
        {"attention.key_length", "d_kv"},
        {"attention.layer_norm_rms_epsilon", "layer_norm_epsilon", false},
        {"attention.layer_norm_epsilon", "layer_norm_epsilon", false},
        {"attention.relative_buckets_count", "relative_attention_num_buckets"},
        {"vocab_size", "vocab_size", false}};
    out.push_back(
        {"t5", "t5", "enc.blk.0.ffn_gate.weight", t5,
         joined(t5_modules(), {{"enc.blk.{}.ffn_gate", "encoder.block.{}.layer.1.DenseReluDense.wi_0"},
                               {"enc.blk.{}.ffn_up", "encoder.block.{}.layer.1.DenseReluDense.wi_1"},
                               {"dec.blk.{}.ffn_gate", "decoder.block.{}.layer.2.DenseReluDense.wi_0"},
                               {"dec.blk.{}.ffn_up", "decoder.block.{}.layer.2.DenseReluDense.wi_1"}}),
         finish_t5});
    out.push_back(
        {"t5", "t5", "", t5,
         joined(t5_modules(), {{"enc.blk.{}.ffn_up", "encoder.block.{}.layer.1.DenseReluDense.wi"},
                               {"dec.blk.{}.ffn_up", "decoder.block.{}.layer.2.DenseReluDense.wi"}}),
         finish_t5});
}

}  // namespace headlight
