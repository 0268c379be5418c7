// Which tokenizer class of the reference a folder's files belong to: several classes read the same kind of
// file differently.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace headlight {

/// "No class": tokenizer.json as it is, or a SentencePiece model by its own settings.
inline constexpr const char* kFilesOwnPipeline = "TokenizersBackend";

struct TokenizerClass {
    std::string
        name;  // of the class that the reference makes, aliases resolved; kFilesOwnPipeline if it is none
    std::string given;  // as tokenizer_config.json or config.json writes it; empty if neither names one
};

/// The class that AutoTokenizer (transformers 5.24) takes for a folder: tokenizer_config.json, else
/// config.json's own `tokenizer_class`, else what goes with its `model_type`; some models' published class is
/// known to be wrong, and Llama's does not count beside a byte-level tokenizer.json. `has_byte_level`:
/// tokenizer.json holds the word "ByteLevel". Errors: Corrupt (a class that is no text).
Result<TokenizerClass> tokenizer_class_of(const nlohmann::ordered_json& tokenizer_config,
                                          const nlohmann::ordered_json& model_config, bool has_byte_level);

/// A class by the name that files give it, aliases resolved, whatever the model's type.
std::string class_of_given(const std::string& name);

/// Files that a class of the reference reads which is not read here ("vocab.txt + bpe.codes"); null for all
/// others.
const char* files_of_unread_class(const std::string& name);

}  // namespace headlight
