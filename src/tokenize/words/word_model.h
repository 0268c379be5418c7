// The "model" of a tokenizer: how one word becomes tokens. What comes before and after is the same for all of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

/// A token of a word and how many bytes of the word it took; none: it shares those of the token before it.
struct WordToken {
    std::int32_t id = 0;
    std::uint32_t size_bytes = 0;
};

/// Immutable after it is made; safe from any thread.
class WordModel {
  public:
    virtual ~WordModel() = default;

    /// Tokens of one word, appended to `out`. Errors: InvalidInput (a part of it has no token, and none
    /// stands for the unknown).
    virtual Status encode(std::string_view word, std::vector<WordToken>& out) const = 0;
    /// End of the stretch of `word` from `begin` on that can be encoded without what follows; the word's end
    /// unless a model knows better.
    virtual std::size_t stretch_end(std::string_view word, std::size_t begin) const {
        (void)begin;
        return word.size();
    }
    virtual int vocab_size() const = 0;
    /// How many pieces there are: less than vocab_size() where ids are left out.
    virtual int num_pieces() const = 0;
    /// Empty for an id that no piece has.
    virtual const std::string& piece(std::int32_t id) const = 0;
    /// -1 if there is none.
    virtual std::int32_t id_of(const std::string& piece) const = 0;
    virtual std::int32_t unknown_id() const = 0;
    /// Whether a token shows `text`, the text that it stands for, in place of its piece: an unknown one may,
    /// as in the reference.
    virtual bool shows_text(const WordToken& token, std::string_view text) const {
        (void)token, (void)text;
        return false;
    }
    /// Words come as bytes, while the vocabulary is written in the byte alphabet (byte_alphabet.h).
    virtual bool is_byte_level() const { return false; }
};

/// The error of a word that cannot be spelled. `unknown`: the unknown token that the model names, if any.
Error unspelled(std::string_view part, std::string_view unknown);

/// "BPE", "Unigram" ...: files of old versions do not name it. `model` is an object.
std::string word_model_type(const nlohmann::json& model);

/// Reads the "model" of a tokenizer.json: BPE, WordPiece, Unigram or WordLevel. `is_byte_level`: nothing
/// comes between ByteLevel and the model. Errors: Corrupt, Unsupported (names the type).
Result<std::unique_ptr<WordModel>> read_word_model(const nlohmann::json& model, bool is_byte_level);

}  // namespace headlight
