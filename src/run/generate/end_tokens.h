// Tokens after which a model has written all that it had to say.
#pragma once

#include <cstdint>
#include <vector>

#include "run/model_info.h"

namespace headlight {

/// Ascending, without repeats: those that generation_config.json and config.json beside the checkpoint name
/// (`eos_token_id`, a number or a list), and the tokenizer's. Reads files; what cannot be read names none.
std::vector<std::int32_t> end_tokens(const ModelInfo& model);

}  // namespace headlight
