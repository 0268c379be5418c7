// The trained model as a checkpoint folder: config, weights, tokenizer.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "core/train_request.h"
#include "family/architecture.h"
#include "train/adamw.h"
#include "train/data/text_codec.h"

namespace headlight {

/// config.json of the Llama model that the request describes (Hugging Face layout, which other programs open
/// too), with `vocab_size` as learned.
std::string make_config_json(const TrainRequest& request, const TextCodec& codec);

/// config.json of the family `headlight`: the architecture spelled out, weights under the names of their
/// slots. Only what the addition task makes: ReLU, learned positions or none.
std::string make_own_config_json(const Architecture& arch, const std::string& dtype);

/// Writes model.safetensors (weights as `dtype`: "float32", "float16", "bfloat16"), then `files` in their
/// order, each atomically. config.json comes last, so that whoever waits for a folder finds it whole. Errors:
/// InvalidInput if a weight does not fit float16; Internal from the file system.
Status write_checkpoint_folder(const std::string& folder, const std::string& dtype,
                               std::span<const Parameter> parameters, std::span<const CodecFile> files);

}  // namespace headlight
