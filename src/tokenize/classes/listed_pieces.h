// Tokenizers of Python classes whose pieces a file lists: each has an id, and the id its piece.
#pragma once

#include "tokenize/files/python_tokenizer.h"

namespace headlight {

class ListedPieces : public PythonTokenizer {
  public:
    std::unordered_map<std::string, std::int32_t> ids;
    std::vector<std::string> pieces;  // [id]
    std::int32_t unknown = -1;        // stands for what is not listed

    void note_pieces() { note_size(static_cast<int>(pieces.size())); }

    /// Error: Corrupt, if the token of the role unk_token is not in `file`'s list.
    Status take_unknown(const ClassBuild& build, const std::string& file) {
        unknown = piece_id(build.text_of("unk_token"));
        if (unknown >= 0) return {};
        return fail(make_error(ErrorKind::Corrupt, "the vocabulary has no token for unknown pieces ('{}')",
                               build.text_of("unk_token"))
                        .in_file(file));
    }

  protected:
    std::int32_t piece_id(const std::string& piece) const override {
        const auto found = ids.find(piece);
        return found != ids.end() ? found->second : -1;
    }
    std::string piece_of(std::int32_t id) const override {
        return id >= 0 && static_cast<std::size_t>(id) < pieces.size() ? pieces[static_cast<std::size_t>(id)]
                                                                       : std::string();
    }
};

}  // namespace headlight
