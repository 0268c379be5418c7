// What a SentencePiece model file says, without the library: pieces with scores, and the settings that other
// formats need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

enum class PieceType { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

struct SentencePiece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::Normal;
};

struct SentencePieceProto {
    std::vector<SentencePiece> pieces;  // [id]
    bool is_unigram = true;             // else BPE, words or characters
    bool has_byte_fallback = false;
    int unknown_id = 0, bos_id = 1, eos_id = 2;  // -1: the model has no such piece
    std::string unknown_piece = "<unk>", bos_piece = "<s>", eos_piece = "</s>";
    std::string character_map;  // the precompiled normalisation; empty if there is none
    bool adds_prefix_space = true, removes_extra_spaces = true, escapes_spaces = true;
};

/// `bytes`: the serialised ModelProto (sentencepiece_model.proto of the SentencePiece project; protocol
/// buffer wire format). Errors: Corrupt (lengths beyond the message, no pieces, an unknown piece out of
/// range).
Result<SentencePieceProto> parse_sentencepiece(std::string_view bytes);

}  // namespace headlight
