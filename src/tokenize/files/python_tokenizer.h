// Tokenizers that the reference writes in Python: added tokens are cut out of the text first, then each class
// has its own way.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenize/files/class_build.h"
#include "tokenize/tokenizer.h"
#include "tokenize/words/token_trie.h"

namespace headlight {

/// Is this a class of the reference that is written in Python and read here (python_classes.h)?
bool is_python_class(const std::string& name);

/// Does the folder name a class that needs no vocabulary file? Cheap, never fails.
bool needs_no_vocabulary(const std::string& folder);

/// Errors: Missing, Corrupt, Unsupported, each naming a file.
Result<TokenizerPtr> open_python_tokenizer(const std::string& folder, const std::string& class_name);

/// What those classes share: added tokens with their ids and flags.
class PythonTokenizer : public Tokenizer {
  public:
    std::string source_file;

    std::string source() const override { return source_file; }
    int vocab_size() const override { return size_; }
    std::int32_t bos_id() const override { return id_of_role("bos_token"); }
    std::int32_t eos_id() const override;
    std::int32_t mask_id() const override { return id_of_role("mask_token"); }
    std::map<std::string, std::string> special_tokens() const override { return roles_; }
    Result<Token> token(std::int32_t id) const override;
    TokenizedText encode(std::string_view text, bool add_special) const override;
    Result<TokenizedText> from_ids(std::span<const std::int32_t> given) const override;

    /// Ids as the reference gives them: `own` of the class by role, those of the files, then every other
    /// token of a role behind the vocabulary of `num_pieces`. Errors: Corrupt (an id out of range).
    Status take_tokens(ClassBuild& build, const std::vector<std::pair<std::int32_t, const char*>>& own,
                       std::size_t num_pieces);

  protected:
    /// Tokens of a stretch without added tokens, with spans into it.
    virtual void cut(std::string_view part, std::vector<Token>& out) const = 0;
    virtual void put_around(std::vector<Token>& tokens) const = 0;
    /// -1 if there is none.
    virtual std::int32_t piece_id(const std::string& piece) const = 0;
    virtual std::string piece_of(std::int32_t id) const = 0;
    virtual std::string bytes_of_piece(std::int32_t id) const = 0;
    virtual bool drops_first_space() const { return false; }
    /// As people read the token; the piece's bytes where it has no name of its own.
    virtual std::string display_of(std::int32_t id) const;

    /// -1 if there is none.
    std::int32_t id_of_role(const char* role) const;
    /// Puts the tokens of two roles, where they are known, before all others and behind them.
    void put_roles_around(std::vector<Token>& tokens, const char* first, const char* last) const;
    std::int32_t added_id(const std::string& content) const;
    Token dressed(std::int32_t id) const;
    /// Cuts texts at this piece as well, where they are cut at added tokens.
    void cut_also_at(std::string_view piece);
    void note_size(int size) { size_ = std::max(size_, size); }

  private:
    struct Part;
    std::string bytes_of(std::int32_t id) const;
    void put(std::int32_t id, const TokenSpec& token);
    void apply_flags(std::vector<Part>& parts) const;
    std::vector<Part> parts_of(std::string_view text) const;

    TokenTrie trie_;
    bool splits_special_ = false;              // texts are not cut at any token
    std::map<std::int32_t, TokenSpec> specs_;  // by id
    std::unordered_map<std::string, std::int32_t> added_;
    nlohmann::json roles_ = nlohmann::json::object();
    int size_ = 0;
};

}  // namespace headlight
