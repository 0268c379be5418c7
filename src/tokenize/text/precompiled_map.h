// SentencePiece's own normalisation as tokenizer.json carries it: a table of character sequences and what
// replaces them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenize/text/aligned_text.h"

namespace headlight {

class PrecompiledMap {
  public:
    /// `encoded`: base64 of the table's size, a double-array trie of 32-bit units, and the replacements with
    /// zeros between. Errors: Corrupt.
    static Result<PrecompiledMap> from_base64(std::string_view encoded);
    /// The same without base64, as a .model file has it.
    static Result<PrecompiledMap> from_bytes(std::string_view bytes);

    /// Does every step of the trie stay in it, and every value in the replacements? apply() checks by itself;
    /// the SentencePiece library does not.
    bool is_closed() const;

    /// Character by character as people see them (extended grapheme clusters of at most five bytes), else
    /// code point by code point, as the reference does.
    AlignedText apply(AlignedText text) const;

  private:
    /// What stands for the shortest key that begins `text`.
    std::optional<std::string_view> find(std::string_view text) const;

    std::vector<std::uint32_t> trie_;
    std::string replacements_;
};

}  // namespace headlight
