// Rotary settings of a config, from the level and in the order of precedence in which the reference library
// reads them (modeling_rope_utils and the config classes of the families).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "family/architecture.h"
#include "family/config_reader.h"

namespace headlight {

/// Where a config keeps the settings of its one rotation, and what counts when it says nothing.
struct RopeKeys {
    const char* theta = "rope_theta";               // the flat key of transformers 4
    const char* partial = "partial_rotary_factor";  // share of head_dim that rotates, flat
    double default_theta = 10000.0;
    double default_partial = 1.0;
    bool turns_part = false;                // does the family rotate a share of each head?
    const nlohmann::json* usual = nullptr;  // the dictionary of a config that has none
    bool takes_alpha = false;  // `alpha` of dynamic scaling stretches the base once for all lengths (Hunyuan)
    bool grows_queries = false;  // `llama_4_scaling_beta` is RopeSettings::query_growth
};

/// Reads one rotation into `rope`; arch must have head_dim and max_positions. The dictionary is
/// `rope_scaling` unless that is absent or empty, else `rope_parameters`; what it lacks comes from flat keys.
/// `original_max_position_embeddings` of the config goes before that of the dictionary.
void read_rope(ConfigReader& config, const Architecture& arch, RopeSettings& rope, const RopeKeys& keys);
inline void read_rope(ConfigReader& config, Architecture& arch, const RopeKeys& keys = {}) {
    read_rope(config, arch, arch.rope, keys);
}

/// The same of families whose layers rotate in two ways.
struct LayerRopeKeys {
    const char* layer_type;  // the part of `rope_parameters`: "full_attention", "sliding_attention"
    const char* theta;       // the flat key of transformers 4; null: there is none
    double default_theta;
    bool takes_scaling = true;  // a flat `rope_scaling` is laid over this part
};

/// Reads the part of `rope_parameters`, with `rope_scaling` laid over it. YaRN's `truncate` is read beside
/// the parts, the original length inside them alone.
void read_layer_rope(ConfigReader& config, const Architecture& arch, RopeSettings& rope,
                     const LayerRopeKeys& keys);

}  // namespace headlight
