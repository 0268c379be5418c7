// What a forward pass has to know of a model: plain data that the shared blocks read. A family only fills it in.
#pragma once

#include <cstddef>
#include <vector>

namespace headlight {

enum class NormKind { None, LayerNorm, RmsNorm };
enum class PositionKind { None, Learned, Rotary };
enum class RopeScaling { Default, Linear, Dynamic, Llama3, Yarn, LongRope };

/// Which two coordinates of a head rotate together: x[i] with x[i + rotary_dim/2], or x[2i] with x[2i + 1].
enum class RopePairing { Halves, Neighbours };

enum class Activation {
    Gelu,       // exact, with erf
    GeluTanh,   // the tanh approximation, whatever its name in a config
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
    Identity,
};

/// Rotary position embedding. The fields under a kind are read by that kind only.
struct RopeSettings {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::Default;
    RopePairing pairing = RopePairing::Halves;
    int rotary_dim = 0;  // coordinates of a head that rotate, from the first; even, at most head_dim
    double factor = 1.0;  // Linear, Dynamic, Llama3, Yarn
    int original_max_positions = 0;  // Llama3, Yarn, LongRope; for Dynamic the length up to which nothing is scaled
    double low_freq_factor = 1.0, high_freq_factor = 4.0;  // Llama3
    double beta_fast = 32.0, beta_slow = 1.0;              // Yarn
    bool truncates_ramp = true;                            // Yarn
    double attention_factor = 1.0;                         // Yarn, LongRope: multiplies cos and sin
    std::vector<double> short_factor, long_factor;         // LongRope, [rotary_dim / 2]
};

struct Architecture {
    int num_layers = 0;
    int num_heads = 0;
    int num_kv_heads = 0;  // divides num_heads; query head h reads kv head h / (num_heads / num_kv_heads)
    int head_dim = 0;
    int hidden_size = 0;
    int intermediate_size = 0;
    int vocab_size = 0;
    int max_positions = 0;  // rows of the position table (Learned), trained length (Rotary)

    NormKind norm = NormKind::RmsNorm;
    double norm_eps = 1e-5;  // without norms: unused, and no norm has weights
    bool has_norm_bias = false;

    PositionKind position = PositionKind::Rotary;
    RopeSettings rope;

    Activation activation = Activation::Silu;
    bool is_gated = true;  // down(act(gate(x)) * up(x)); otherwise down(act(up(x)))

    bool has_qkv_bias = false;
    bool has_output_bias = false;
    bool has_mlp_bias = false;
    bool has_head_bias = false;
    bool is_head_tied = false;  // logits use the embedding table

    bool is_causal = true;
    std::vector<float> attention_scale;  // [num_layers] factor of q.k
    std::vector<int> window;             // [num_layers] keys that a query sees, itself included; 0 = all. Empty = all 0

    int query_size() const { return num_heads * head_dim; }
    int kv_size() const { return num_kv_heads * head_dim; }
    int group_size() const { return num_heads / num_kv_heads; }
    int window_of(int layer) const { return window.empty() ? 0 : window[static_cast<std::size_t>(layer)]; }
    float scale_of(int layer) const { return attention_scale[static_cast<std::size_t>(layer)]; }
};

}  // namespace headlight
