// The trained model as a checkpoint folder that other programs open too (Hugging Face layout of a Llama
// model).
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "core/engine.h"
#include "train/adamw.h"
#include "train/text_codec.h"

namespace headlight {

/// config.json of the model that the request describes, with `vocab_size` as learned.
std::string make_config_json(const TrainRequest& request, const TextCodec& codec);

/// Writes config.json, model.safetensors (request.save_dtype) and the tokenizer's files, each atomically.
/// Errors: InvalidInput if a weight does not fit float16; Internal from the file system.
Status write_checkpoint_folder(const TrainRequest& request, const TextCodec& codec,
                               std::span<const Parameter> parameters);

}  // namespace headlight
