// A SentencePiece unigram model as the tokenizer.json that the reference would make of it. Each tokenizer
// class has its own way: XLM-RoBERTa and mBART shift the ids, T5 adds sentinels, ALBERT lowercases, DeBERTa
// puts its mask behind the pieces.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tokenize/sentencepiece_proto.h"

namespace headlight {

/// Is this one of the classes that are read this way (unigram models, and Gemma's BPE)? The others take their
/// ids from the model file as it is.
bool is_converted_class(const std::string& tokenizer_class, const SentencePieceProto& proto);

/// Content of a tokenizer.json. `config`: read_tokenizer_settings() of the folder. `tokenizer_class` is a
/// converted one.
nlohmann::json content_from_sentencepiece(const SentencePieceProto& proto, const std::string& tokenizer_class,
                                          const nlohmann::json& config);

}  // namespace headlight
