// Unigram (Kudo 2018): of all ways to spell a word the one with the largest sum of the pieces' log
// probabilities.
#pragma once

#include "tokenize/words/piece_table.h"
#include "tokenize/words/word_model.h"

namespace headlight {

class UnigramModel final : public WordModel {
  public:
    /// Errors: Corrupt (entries that are no [piece, score], an unknown id out of range).
    static Result<std::unique_ptr<WordModel>> from_json(const nlohmann::json& model);

    Status encode(std::string_view word, std::vector<WordToken>& out) const override;
    int vocab_size() const override { return pieces_.size(); }
    int num_pieces() const override {
        return pieces_.size();
    }  // equal pieces count each, as in the reference
    const std::string& piece(std::int32_t id) const override { return pieces_.piece(id); }
    std::int32_t id_of(const std::string& piece) const override { return pieces_.id_of(piece); }
    std::int32_t unknown_id() const override { return unknown_id_; }
    bool shows_text(const WordToken& token, std::string_view text) const override {
        return token.id == unknown_id_ && token.size_bytes > 0 && !is_spelled_in_bytes(text);
    }

  private:
    /// Pieces as a tree of bytes, so that all pieces from one place on are found in one walk.
    struct Node {
        std::int32_t id = -1;
        std::uint32_t first_child = 0, num_children = 0;  // into edges_
    };
    struct Edge {
        unsigned char byte = 0;
        std::uint32_t node = 0;
    };
    void build_tree();
    const Node* child(const Node& node, unsigned char byte) const;
    bool is_spelled_in_bytes(std::string_view part) const;
    void add_fused(std::string_view part, std::vector<WordToken>& out) const;

    PieceTable pieces_;
    std::vector<double> scores_;  // [id]
    std::vector<Node> nodes_;     // [0] is the root
    std::vector<Edge> edges_;     // of a node side by side, ascending
    std::vector<std::int32_t>
        byte_ids_;  // [256] of "<0x41>", where the model falls back to bytes; else empty
    double unknown_score_ = 0;
    std::int32_t unknown_id_ = -1;
};

}  // namespace headlight
