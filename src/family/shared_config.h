// Parts of a config that many families share: heads, windows, score biases, names of activations.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/open_request.h"
#include "family/architecture.h"
#include "family/config_reader.h"
#include "family/rope_config.h"

namespace headlight {

/// Most that a config of a stranger may ask for; anything above is refused before it is used.
inline constexpr int kMostLayers = 1024;
inline constexpr int kMostHeads = 1024;
inline constexpr int kMostHeadDim = 4096;
inline constexpr int kMostHidden = 1 << 17;
inline constexpr int kMostIntermediate = 1 << 20;
inline constexpr int kMostVocab = 1 << 23;
inline constexpr int kMostPositions = 1 << 26;

/// `num_attention_heads`, `num_key_value_heads` (the heads' number if absent) and `head_dim` (hidden_size /
/// heads if absent, which must divide) into arch, which needs hidden_size.
void read_heads(ConfigReader& config, Architecture& arch);

/// hidden / heads; an error that names both keys when it does not divide.
int divide_heads(ConfigReader& config, int hidden_size, int num_heads, const char* hidden_key,
                 const char* heads_key);

/// 1 / sqrt(head_dim), or `scale`, for every layer.
void set_scale(Architecture& arch);
void set_scale(Architecture& arch, double scale);

/// arch.window from `layer_types` where the config has it ("sliding_attention": `window` keys,
/// "full_attention": all; any other kind is an error), else from is_local(layer). No windows at all leaves it
/// empty.
void read_windows(ConfigReader& config, Architecture& arch, int window,
                  const std::function<bool(int layer)>& is_local);

/// `sliding_window`: how many keys a query sees, itself included; null is 0 = all, absent is `otherwise`.
int read_window(ConfigReader& config, int otherwise);

/// The same window in every layer; 0: none.
void set_window(Architecture& arch, int window);

/// Longformer's `attention_window`, one even width or one per layer: half of it to either side.
void read_bands(ConfigReader& config, Architecture& arch);

/// BigBird's `attention_type`: 0 for "original_full"; for "block_sparse" the longest text that is attended
/// whole, by `block_size` and `num_random_blocks`.
int read_sparse_blocks(ConfigReader& config);

/// A number that may be switched off: null is 0, absent is `otherwise`.
double read_optional(ConfigReader& config, const char* key, double otherwise);

/// Scores get ALiBi with these slopes [num_heads], and embeddings no positions.
void set_alibi(Architecture& arch, std::vector<float> slopes);

/// Slopes of Press et al. 2022: powers of 2^(-8 / heads) where heads is a power of two; otherwise those of
/// the power below, then every other one of the power above. [num_heads]
std::vector<float> alibi_slopes(int num_heads);

/// Share of a head for random weights that rotates about `share` of it and always whole pairs.
double even_rotary_share(const RandomModelRequest& request, double share);

/// "gelu_new" -> GeluTanh; an unknown name is an error of the reader.
Activation read_activation(ConfigReader& config, KeyNames keys, const char* otherwise);

}  // namespace headlight
