// WordPiece (BERT): the longest piece that begins the word, then the longest that goes on, written with a
// prefix ("##").
#pragma once

#include "tokenize/words/piece_table.h"
#include "tokenize/words/word_model.h"

namespace headlight {

class WordPieceModel final : public WordModel {
  public:
    struct Options {
        std::string unknown = "[UNK]";
        std::string continuing_prefix = "##";
        std::size_t longest_word = 100;  // characters; a longer word is unknown as a whole
    };
    WordPieceModel(PieceTable pieces, Options options);
    static Result<std::unique_ptr<WordModel>> from_json(const nlohmann::json& model);

    /// A word that cannot be spelled to its end is one unknown token.
    Status encode(std::string_view word, std::vector<WordToken>& out) const override;
    int vocab_size() const override { return pieces_.size(); }
    int num_pieces() const override { return pieces_.num_pieces(); }
    const std::string& piece(std::int32_t id) const override { return pieces_.piece(id); }
    std::int32_t id_of(const std::string& piece) const override { return pieces_.id_of(piece); }
    std::int32_t unknown_id() const override { return unknown_id_; }

  private:
    PieceTable pieces_;
    Options options_;
    std::int32_t unknown_id_ = -1;
};

}  // namespace headlight
