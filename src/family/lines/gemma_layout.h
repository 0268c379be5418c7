// What the Gemma families share: norms stored as gain - 1, embeddings times the root of their width, a tied
// head.
#pragma once

#include "family/lines/llama_layout.h"

namespace headlight {

/// Defaults of all Gemmas: heads of 256, tied head, tanh approximation of GELU.
LlamaDefaults gemma_defaults();

/// A Llama config with these defaults, and the scale of the embeddings; rounded to float32, the type of our
/// weights (the reference rounds to that of its weights).
Architecture read_gemma_config(ConfigReader& config, const LlamaDefaults& defaults);

/// Gemma 2 and 3: scale from `query_pre_attn_scalar`, soft-cap of the logits, norms before and after each
/// part. `final_cap` counts where the config says nothing, 0: none.
void read_gemma_attention(ConfigReader& config, Architecture& arch, double final_cap);

/// All weights; the four norms of Gemma 2 and 3 where the architecture has them.
std::vector<FileWeight> gemma_file_weights(const Architecture& arch);

nlohmann::json gemma_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
