// WordLevel: a word is a token, or unknown.
#pragma once

#include "tokenize/words/piece_table.h"
#include "tokenize/words/word_model.h"

namespace headlight {

class WordLevelModel final : public WordModel {
  public:
    WordLevelModel(PieceTable pieces, const std::string& unknown)
        : pieces_(std::move(pieces)), unknown_(unknown), unknown_id_(pieces_.id_of(unknown)) {}
    static Result<std::unique_ptr<WordModel>> from_json(const nlohmann::json& model);

    Status encode(std::string_view word, std::vector<WordToken>& out) const override;
    int vocab_size() const override { return pieces_.size(); }
    int num_pieces() const override { return pieces_.num_pieces(); }
    const std::string& piece(std::int32_t id) const override { return pieces_.piece(id); }
    std::int32_t id_of(const std::string& piece) const override { return pieces_.id_of(piece); }
    std::int32_t unknown_id() const override { return unknown_id_; }

  private:
    PieceTable pieces_;
    std::string unknown_;
    std::int32_t unknown_id_ = -1;
};

}  // namespace headlight
