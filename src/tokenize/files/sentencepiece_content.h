// Vocabulary and merges of a SentencePiece model, as the content of a tokenizer.json holds them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tokenize/files/sentencepiece_proto.h"

namespace headlight {

/// Pieces with their scores, [[piece, score], ...]; and pieces with their ids, of two equal ones the last.
nlohmann::json likelihoods_of(const SentencePieceProto& model);
nlohmann::json ids_of(const std::vector<std::string>& pieces);
std::vector<std::string> pieces_of(const SentencePieceProto& model);

/// A model file holds no merges. By id: every piece out of two others, in the order of the ids. By score:
/// only of normal pieces, the likeliest piece first, which is how SentencePiece itself merges. `pieces`:
/// texts by id.
nlohmann::json merges_by_id(const std::vector<std::string>& pieces);
nlohmann::json merges_by_score(const SentencePieceProto& model, const std::vector<std::string>& pieces);

/// Control pieces and those that the user defined, as tokens that are found in texts.
nlohmann::ordered_json found_pieces(const SentencePieceProto& model);

}  // namespace headlight
