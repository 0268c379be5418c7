// The likeliest way to spell a text in pieces, to the bit as the SentencePiece library (0.2) finds it: sums
// in single precision, and of two ways that are equally likely the one found first. The packaged library
// (0.1) sums in double precision.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/files/sentencepiece_proto.h"

namespace headlight {

class LikeliestPieces {
  public:
    explicit LikeliestPieces(const SentencePieceProto& model);

    struct Piece {
        std::int32_t id = 0;
        std::size_t begin = 0, end = 0;  // bytes of the text
    };
    /// `text` is normalised, spaces written as the model wants them; invalid UTF-8 counts byte by byte. A
    /// character without a piece is one unknown piece.
    std::vector<Piece> spell(std::string_view text) const;

  private:
    struct Entry {
        std::string text;
        std::int32_t id;
        float score;
    };
    std::vector<Entry> entries_;  // by their bytes
    float unknown_score_ = 0;
    std::int32_t unknown_id_ = 0;
};

}  // namespace headlight
