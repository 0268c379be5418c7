// What the families descended from Llama share: the keys of their configs and the names in their files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "model/family.h"
#include "model/shared_config.h"
#include "model/weight_table.h"

namespace headlight {

/// Sizes, heads, RMS norms, rotary positions, gated feed-forward part, biases (`attention_bias`, `mlp_bias`) and the tie of
/// the head, as Llama's config spells them. A family changes afterwards what is different in it.
Architecture read_llama_config(ConfigReader& config, const RopeKeys& rope = {});

/// `layer` + "self_attn.": q_proj, k_proj, v_proj, o_proj, q_norm, k_norm, sinks, as far as the architecture has them.
void add_llama_attention(WeightTable& table, const std::string& layer);

/// `layer` + "mlp.": gate_proj, up_proj, down_proj.
void add_llama_mlp(WeightTable& table, const std::string& layer);

/// embed_tokens, norm and lm_head.
void add_llama_ends(WeightTable& table);

/// All of them, with input_layernorm before attention and post_attention_layernorm before the feed-forward part.
std::vector<FileWeight> llama_file_weights(const Architecture& arch);

/// Frequency tables that old files carry, and the second copy of a tied head.
bool is_llama_extra(std::string_view name, const Architecture& arch);

/// A config of random weights with this model type.
nlohmann::json llama_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
