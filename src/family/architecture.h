// What a forward pass has to know of a model: plain data that the shared blocks read. A family only fills it
// in.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace headlight {

enum class NormKind { None, LayerNorm, RmsNorm, Affine };  // Affine: gain and bias alone (MobileBERT)

/// Where the norms of a block stand; f is its attention or its feed-forward part.
enum class NormPlace {
    Before,    // x + f(norm(x))
    AfterSum,  // norm(x + f(x)), as in the original transformer and BERT
    OnOutput,  // x + norm(f(x)), as in OLMo 2
    Both,      // x + norm'(f(norm(x))), as in Gemma 2
};

/// What is done to the embeddings, or to queries and keys, so that order counts.
enum class PositionKind { None, Learned, Sinusoidal, Rotary };

/// What is added to the scores, beside positions or in their place.
enum class ScoreBias {
    None,
    Alibi,         // slope of the head times the key's position (Press et al. 2022)
    Buckets,       // learned, by the bucket that key - query falls into (T5)
    Disentangled,  // content to position and position to content (DeBERTa)
    Relative,      // content to sinusoids of the distance (Transformer-XL, XLNet)
    Grid,          // learned, by the step from patch to patch in rows and columns (BEiT)
};

enum class RopeScaling { Default, Linear, Dynamic, Llama3, Yarn, LongRope, Factors };

/// Which two coordinates of a head rotate together: x[i] with x[i + rotary_dim/2], or x[2i] with x[2i + 1].
enum class RopePairing { Halves, Neighbours };

/// What a file says of the rotation itself, which then counts in place of the config's: its frequencies, or
/// the sines and cosines of every position.
enum class StoredRotation : char { None, Frequencies, Table };

/// Which rotation a layer uses.
enum class RopeUse : char { None, Main, Local };

/// Which of the token tables of an encoder-decoder its config calls one: none, those of encoder, decoder and
/// output, or those of decoder and output.
enum class TableTie : char { None, All, DecoderAndOutput };

enum class Activation {
    Gelu,         // exact, with erf
    GeluTanh,     // the tanh approximation, whatever its name in a config
    GeluSigmoid,  // x sigmoid(1.702 x)
    Relu,
    ReluSquared,
    Relu6,
    LeakyRelu,
    Silu,
    Mish,
    Tanh,
    Sigmoid,
    HardSwish,
    Xielu,  // with learned numbers for each block (Huang et al. 2024)
    Identity,
};

/// Rotary position embedding. The fields under a kind are read by that kind only.
struct RopeSettings {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::Default;
    RopePairing pairing = RopePairing::Halves;
    int rotary_dim = 0;         // coordinates of a head that rotate, from the first; even, at most head_dim
    double factor = 1.0;        // Linear, Dynamic, Llama3, Yarn
    double score_strength = 0;  // `mscale_all_dim`, which widens the scores of latent attention
    int original_max_positions =
        0;  // Llama3, Yarn, LongRope; for Dynamic the length up to which nothing is scaled
    double low_freq_factor = 1.0, high_freq_factor = 4.0;  // Llama3
    double beta_fast = 32.0, beta_slow = 1.0;              // Yarn
    bool truncates_ramp = true;                            // Yarn
    double attention_factor = 1.0;                         // Yarn, LongRope: multiplies cos and sin
    double long_attention_factor = 0;  // LongRope, > 0: in its place for texts beyond the original length
    bool turns_back = false;           // by the negative angle (nanochat)
    double query_growth =
        0;  // > 0: queries of position p times 1 + growth log(1 + floor(p / original)) (Llama 4)
    std::vector<double> short_factor, long_factor;  // [rotary_dim / 2]; Factors divides by long_factor
};

/// What a router makes of its scores: the weights of the experts that it picks, before they are normalized.
enum class RouterKind : char {
    Softmax,      // over all experts
    Sigmoid,      // of each expert alone
    SparseMixer,  // two, each by a softmax over those whose scores are near the best left (Phi-3.5-MoE)
};

/// Experts that stand in groups, of which a token sees the best few. What a group is worth: its largest
/// weight (DeepSeek V2), or the sum of its two largest (V3).
enum class GroupWorth : char { Largest, TopTwo };

/// Feed-forward parts made of experts, of which a router picks a few for each token.
struct MoeSettings {
    int num_experts = 0;  // 0: no block has experts
    int experts_per_token = 0;
    int expert_size = 0;             // inner width of one expert
    bool normalizes_weights = true;  // the weights of the chosen ones sum to one
    bool has_bias = false;           // of router and experts
    RouterKind router = RouterKind::Softmax;
    double mixer_reach = 0;        // SparseMixer: how far below the best a score may lie, relative to it
    bool has_choice_bias = false;  // a bias per expert counts where experts are picked, not in their weights
    int num_groups = 1, groups_per_token = 1;
    GroupWorth group_worth = GroupWorth::Largest;
    double least_weight_sum = 0;  // normalizes_weights: the sum counts as at least this (ERNIE)
    double weight_scale = 1.0;    // of the weights, after all else
    bool scales_input = false;    // weights multiply what an expert reads, not what it gives (Llama 4)
    int shared_expert_size = 0;   // > 0: one more expert that every token takes
    bool has_shared_gate = true;  // it counts times a sigmoid gate of its own
    double gate_limit = 0;  // > 0: gate and up are clamped, down((up + 1) gate sigmoid(1.702 gate)) (gpt-oss)
    std::vector<char> is_sparse;  // [num_layers] has experts; empty: every layer
};

/// Keys and values made of one short vector per token that all heads share (DeepSeek V2, Liu et al. 2024).
/// Each key is that token's rotating part, the same for all heads, and after it the head's own; queries are
/// laid out alike, so rope.rotary_dim coordinates come first.
struct LatentSettings {
    int key_rank = 0;        // length of that vector; 0: keys and values are projected as usual
    int query_rank = 0;      // > 0: queries are made of a short vector as well
    int value_dim = 0;       // of a head, at most head_dim; the rest of its head_dim values are zeros
    bool has_bias = false;   // of the projections to the short vectors
    double norm_eps = 1e-6;  // of the norms over them
};

/// What the logits are made of besides the table: logits = table(norm(activation(dense(x)))).
struct HeadTransform {
    bool is_present = false;
    bool is_newer = false;  // of the two heads that a file may hold, the one of newer names (DeBERTa)
    int size = 0;           // rows of dense: the width of the table
    bool has_bias = true;
    Activation activation = Activation::Gelu;
    NormKind norm = NormKind::LayerNorm;
    bool has_norm_bias = true;
};

/// In how many groups a projection falls, each of which reads its share of the input alone. Files hold those
/// blocks, weights are whole.
struct ProjectionGroups {
    int query = 1, key = 1, value = 1, output = 1, up = 1, down = 1;
};

/// How a picture becomes tokens: patches that do not overlap, each multiplied by one matrix, behind learned
/// tokens of the model's own.
struct PatchSettings {
    int num_channels = 0;                   // 0: the model reads ids, no pictures
    int image_height = 0, image_width = 0;  // that the position table was made for
    int patch_height = 1, patch_width = 1;
    bool has_bias = true;           // of the matrix
    bool has_class = true;          // one learned token in front ...
    bool has_distillation = false;  // ... another behind it (DeiT)
    int num_registers = 0;          // ... and these, which no position is added to (DINOv2)
    bool has_positions = true;
    bool takes_other_sizes = false;  // positions are interpolated, bicubic
    bool smooths_positions = false;  // with antialiasing, where the grid shrinks

    int rows() const { return image_height / patch_height; }
    int columns() const { return image_width / patch_width; }
    int num_placed() const { return (has_class ? 1 : 0) + (has_distillation ? 1 : 0); }
};

struct Architecture {
    int num_layers = 0;
    int num_heads = 0;
    int num_kv_heads = 0;  // divides num_heads; query head h reads kv head h / (num_heads / num_kv_heads)
    int head_dim = 0;
    int hidden_size = 0;
    int intermediate_size = 0;
    int vocab_size = 0;
    int max_positions = 0;  // positions that the table (Learned) knows, trained length (Rotary)

    // Embeddings: x = norm(scale * token + type + position), projected where the widths differ.
    int embedding_size = 0;  // width of the token table; 0: hidden_size
    bool has_trigrams =
        false;  // the projection, before positions, reads the tokens after and before too (MobileBERT)
    bool projects_after_norm = true;  // else before positions are added (OPT), without bias
    bool has_projection_bias = true;
    bool always_projects = false;        // even where the widths are equal (ALBERT)
    bool has_output_projection = false;  // back to embedding_size after the last block, without bias (OPT)
    double embedding_scale = 1.0;
    int num_token_types = 0;  // segments of a text with rows of their own; 0: the model knows none
    int num_task_types = 0;   // the first one is added (ERNIE)
    bool has_embedding_norm = false;
    bool norms_before_positions =
        false;                   // the embedding norm leaves positions out (BlenderbotSmall's decoder)
    int dropout_mask_id = -1;    // >= 0: tokens of this id are zeros, the others are scaled by what training
                                 // left unmasked over what the text does (ESM)
    bool owns_embedding = true;  // false: a decoder that reads the encoder's token table, or no tokens
    PatchSettings patches;       // of a model that reads pictures; its ids count their tokens
    PositionKind position = PositionKind::Rotary;
    int position_offset = 0;           // position 0 stands in this row of the table (2 for OPT and RoBERTa)
    bool sinusoids_reach_end = false;  // Sinusoidal: frequencies 10000^(-i / (half - 1)) instead of
                                       // 10000^(-i / half), zeros in an odd last column (XGLM)
    int position_pad_id =
        -1;  // >= 0: tokens of this id take the row before that and are not counted (RoBERTa)
    StoredRotation stored_rotation = StoredRotation::None;
    RopeSettings rope, local_rope;
    std::vector<RopeUse> rope_use;  // [num_layers]; empty: Main everywhere

    // Norms.
    NormKind norm = NormKind::RmsNorm;
    NormPlace norm_place = NormPlace::Before;
    double norm_eps = 1e-5;  // without norms: unused, and no norm has weights
    bool has_norm_gain = true;
    bool has_norm_bias = false;
    bool has_final_norm = true;
    bool has_final_norm_bias = true;  // where has_norm_bias
    bool skips_first_norm = false;  // block 0 has no norm before attention (the embedding norm stands for it)

    // Block.
    bool is_parallel = false;      // x + attention(norm(x)) + mlp(norm'(x)) instead of one after the other
    bool shares_norm = false;      // parallel blocks whose two parts read one norm
    bool adds_to_normed = false;   // the residual sum starts from norm(x), not x (an option of BLOOM)
    double residual_scale = 1.0;   // of what each part adds
    bool has_layer_scale = false;  // what a part adds is multiplied by a vector, once the weights are loaded
                                   // within its output projection

    // Feed-forward.
    Activation activation = Activation::Silu;
    bool is_gated = true;  // down(act(gate(x)) * up(x)); otherwise down(act(up(x)))
    bool has_mlp_bias = false;
    bool has_down_bias = true;   // where has_mlp_bias; false: of the down projection alone there is none
    bool has_inner_bias = true;  // likewise of gate and up
    bool has_mlp = true;         // false: attention-only blocks
    MoeSettings moe;

    // Attention.
    bool has_qkv_bias = false;
    bool has_key_bias = true, has_value_bias = true;  // where has_qkv_bias
    bool has_output_bias = false;
    bool has_output = true;  // false: the heads' outputs side by side are what attention adds
    double clip_qkv = 0;     // > 0: projections are clamped to [-clip, clip]
    enum class QkNorm { None, PerHead, Whole };  // over head_dim, or over all heads at once (OLMo 2)
    QkNorm qk_norm = QkNorm::None;               // after the projection, before rotation
    NormKind qk_norm_kind = NormKind::RmsNorm;
    bool has_qk_norm_gain = true;
    bool has_qk_norm_gain_per_head = false;  // PerHead: gains [heads * head_dim] in place of [head_dim]
    bool has_qk_norm_bias = false;
    bool clips_normed = false;         // clip_qkv after qk_norm, not before (OLMoE)
    bool norms_rotating_only = false;  // qk_norm in layers that rotate alone (Llama 4)
    LatentSettings latent;
    // Queries in layers that do not rotate, at position p: times 1 + growth log(1 + floor((p + 1) / span)).
    double still_growth = 0;  // Llama 4
    int still_growth_span = 1;
    bool gains_after_rotation = false;  // PerHead: queries and keys are normed, rotated, then times the gain
    bool is_causal = true;
    std::vector<float> attention_scale;  // [num_layers] factor of q.k
    std::vector<int> window;  // [num_layers] 0 = all; empty = all 0. Causal: keys that a query sees, itself
                              // included; otherwise keys to either side. -c: those of its chunk of c tokens
    double attention_softcap = 0;  // > 0: scores become cap tanh(score / cap), before the mask
    bool has_sinks = false;        // a learned logit per head takes part in the softmax and is then dropped
    ScoreBias score_bias = ScoreBias::None;
    std::vector<float> alibi_slopes;  // [num_heads], Alibi
    bool rounds_alibi = false;        // to bfloat16, as Falcon computes it
    bool scales_alibi = false;        // by the attention scale, as the scores (Falcon)
    int num_buckets = 0;  // Buckets; Disentangled: positions to either side have this many (position_buckets,
                          // 0 = not bucketed)
    bool has_buckets_per_layer = false;  // Buckets: a table for each layer (umT5)
    int num_bucket_rows = 0;  // Buckets: rows of the table where it has more than are in use (MPNet)
    int max_distance = 0;     // Buckets, Disentangled (max_relative_positions)
    bool has_content_to_position = false, has_position_to_content = false;  // Disentangled
    bool shares_position_projection =
        true;                           // Disentangled: positions go through the query and key projections
    bool has_position_key_bias = true;  // Disentangled with projections of its own, where has_qkv_bias
    bool has_relative_norm = false;     // Disentangled: layer norm over the relative embeddings
    int clamp_length = 0;               // Relative, > 0: distances are cut to this
    int full_attention_tokens = 0;  // > 0: longer texts would be attended sparsely, which we do not (BigBird)
    bool has_shared_grid = false, has_layer_grid = false;  // Grid: one table for all layers, one for each

    ProjectionGroups groups;

    // Blocks on a narrower copy of the residual stream (MobileBERT): queries and keys read one copy, values
    // the stream itself, and all feed-forward parts follow one another in another copy.
    int bottleneck_size = 0;  // 0: none
    int num_mlps = 1;

    // Head.
    bool has_head = true;
    bool is_masked_head = false;  // predicts the token of its own position
    bool is_head_tied = false;    // logits use the embedding table
    bool has_head_bias = false;
    int head_rest_size =
        0;  // > 0: so many last columns are a table of their own beside the tied one (MobileBERT)
    HeadTransform head_transform;
    double logit_scale = 1.0;
    double logit_softcap = 0;  // > 0: cap tanh(logit / cap)

    // Layers that share their weights (ALBERT): [num_layers] number of the stored layer, empty: each has its
    // own.
    std::vector<int> stored_layer;
    int layers_per_group = 1;  // stored layers come in groups of so many

    // Beside block 0 (DeBERTa-v2): its output y becomes norm(y + activation(convolution(x))), x what enters
    // the block.
    int conv_kernel_size = 0;  // 0: none; odd, so that there is an output per token
    int conv_groups = 1;
    Activation conv_activation = Activation::Tanh;

    // Beside attention (ConvBERT): a convolution whose kernel each token makes of its query and its
    // neighbours.
    int span_kernel_size = 0;  // 0: none; odd

    // Layers that mix tokens by a short convolution in place of attention (LFM2): each channel of b x over
    // the last tokens, times c, all three projected from the normed stream.
    std::vector<char> is_convolved;  // [num_layers]; empty: none
    int short_kernel_size = 0;       // tokens that one output reads, its own included
    bool has_short_bias = false;     // of filter and projections

    // Encoder-decoders: all above is the encoder, this the decoder (causal, with cross-attention).
    std::shared_ptr<const Architecture> decoder;
    TableTie table_tie = TableTie::All;  // of the decoder
    bool is_head_other_table =
        false;  // of the decoder, not tied: the output is a table that the decoder does not read
    bool has_cross_attention = false;
    int decoder_start_id = -1;  // first id that the decoder reads; -1: the config does not say

    int block_width() const { return bottleneck_size > 0 ? bottleneck_size : hidden_size; }
    int query_size() const { return num_heads * head_dim; }
    int kv_size() const { return num_kv_heads * head_dim; }
    bool has_convolution() const { return conv_kernel_size > 0 || span_kernel_size > 0; }
    bool is_latent() const { return latent.key_rank > 0; }
    int own_key_dim() const { return head_dim - rope.rotary_dim; }  // of latent attention
    bool norms_heads(int layer) const {
        return qk_norm != QkNorm::None && (!norms_rotating_only || rope_of(layer) != RopeUse::None);
    }
    bool takes_pictures() const { return patches.num_channels > 0; }
    /// Each layer makes the bias of its scores anew.
    bool has_layer_bias() const {
        return score_bias == ScoreBias::Disentangled || score_bias == ScoreBias::Relative ||
               (score_bias == ScoreBias::Grid && has_layer_grid);
    }
    int group_size() const { return num_heads / num_kv_heads; }
    bool is_projected() const { return always_projects || table_width() != hidden_size; }
    int table_width() const { return embedding_size > 0 ? embedding_size : hidden_size; }
    int window_of(int layer) const { return window.empty() ? 0 : window[static_cast<std::size_t>(layer)]; }
    float scale_of(int layer) const { return attention_scale[static_cast<std::size_t>(layer)]; }
    bool has_attention(int layer) const {
        return is_convolved.empty() || is_convolved[static_cast<std::size_t>(layer)] == 0;
    }
    /// Layers without softmax attention, ascending.
    std::vector<int> absent_layers() const {
        std::vector<int> out;
        for (int layer = 0; layer < num_layers; ++layer) {
            if (!has_attention(layer)) out.push_back(layer);
        }
        return out;
    }
    bool is_sparse(int layer) const {
        return moe.num_experts > 0 &&
               (moe.is_sparse.empty() || moe.is_sparse[static_cast<std::size_t>(layer)] != 0);
    }
    RopeUse rope_of(int layer) const {
        if (position != PositionKind::Rotary) return RopeUse::None;
        return rope_use.empty() ? RopeUse::Main : rope_use[static_cast<std::size_t>(layer)];
    }
    const RopeSettings& rope_settings(int layer) const {
        return rope_of(layer) == RopeUse::Local ? local_rope : rope;
    }
};

}  // namespace headlight
