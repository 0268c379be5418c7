// What the families descended from GPT-2 share: the keys of their configs (n_embd, n_head ...) and buffers of
// old files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

/// Sizes, as many key heads as query heads, layer norms with bias before each part, a plain feed-forward
/// part, biases everywhere, 1/sqrt(head_dim), learned positions. A family changes afterwards what is
/// different in it.
Architecture read_gpt_config(ConfigReader& config, bool ties_head, const char* activation = "gelu_new");

/// GPT-J's and CodeGen's: neighbours of a part of each head rotate (`rotary_dim`), both parts of a block read
/// one norm.
Architecture read_gptj_config(ConfigReader& config);
nlohmann::json gptj_random_config(const RandomModelRequest& request, const char* model_type);

/// Blocks of GPT and GPT-2 ("h.3.attn.c_attn" ...), q, k and v fused.
void add_gpt2_blocks(WeightTable& table, const Architecture& arch, WeightTable::Options matrix);

/// Causal masks that old files carry, and the second copy of a tied head.
bool is_gpt_extra(std::string_view name, const Architecture& arch);

/// A config of random weights with this model type.
nlohmann::json gpt_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
