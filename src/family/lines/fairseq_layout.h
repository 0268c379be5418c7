// What decoders share that were trained with fairseq and have no encoder: the keys and names of BART's
// decoder.
#pragma once

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

/// Everything but the sizes and the kind of positions, which `arch` has: vocabulary, scaled embeddings, layer
/// norms before each part, a plain feed-forward part, biases everywhere, a tied head, rows of positions from
/// the third on.
void read_fairseq_rest(ConfigReader& config, Architecture& arch, const char* activation_key,
                       int max_positions);

/// Token table, blocks and last norm.
void add_fairseq_blocks(WeightTable& table, const Architecture& arch);

/// Names of one block, `layer` as layer_slot() says it.
void add_fairseq_layer(WeightTable& table, const std::string& layer);

}  // namespace headlight
