// Parts of a config that many families share: rotary settings of every kind, names of activations.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/architecture.h"
#include "model/config_reader.h"

namespace headlight {

/// Most that a config of a stranger may ask for; anything above is refused before it is used.
inline constexpr int kMostLayers = 1024;
inline constexpr int kMostHeads = 1024;
inline constexpr int kMostHeadDim = 4096;
inline constexpr int kMostHidden = 1 << 17;
inline constexpr int kMostIntermediate = 1 << 20;
inline constexpr int kMostVocab = 1 << 23;
inline constexpr int kMostPositions = 1 << 26;

/// Reads `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (transformers 4) into arch.rope, which
/// needs head_dim and max_positions. Source of the rules: the reference library's modeling_rope_utils.
void read_rope(ConfigReader& config, Architecture& arch);

/// "gelu_new" -> GeluTanh; an unknown name is an error of the reader.
Activation read_activation(ConfigReader& config, KeyNames keys, const char* otherwise);

}  // namespace headlight
