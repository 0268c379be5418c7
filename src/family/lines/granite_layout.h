// The four multipliers of the Granite families.
#pragma once

#include "family/lines/llama_layout.h"

namespace headlight {

/// Of embeddings, of what each part adds, of logits and of scores.
inline void read_granite_multipliers(ConfigReader& config, Architecture& arch) {
    arch.embedding_scale = config.number_or({"embedding_multiplier"}, -1e9, 1e9, 1.0);
    arch.residual_scale = config.number_or({"residual_multiplier"}, -1e9, 1e9, 1.0);
    arch.logit_scale = 1.0 / config.number_or({"logits_scaling"}, 1e-9, 1e9, 1.0);
    set_scale(arch, config.number_or({"attention_multiplier"}, -1e9, 1e9, 1.0));
}

}  // namespace headlight
