// What a GGUF file calls things, in the words of Hugging Face: settings and weight names of each
// architecture.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "io/gguf/gguf_file.h"

namespace headlight {

/// config.json as the reference library would have it. Errors: Missing (a key that the architecture needs),
/// Unsupported (an architecture that is not known here; names those that are).
Result<nlohmann::json> gguf_config(const GgufFile& gguf);

/// The tensors under their Hugging Face names, with the order of their numbers noted where it differs.
/// Unknown tensors keep their names, so that the loader can name them. Call after gguf_config has succeeded.
std::vector<TensorInfo> gguf_tensors(const GgufFile& gguf, const nlohmann::json& config);

}  // namespace headlight
