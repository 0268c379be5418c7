// Byte-pair encoding of one word (Sennrich et al. 2016): start from characters (or bytes), merge the pair of
// lowest rank, leftmost first, until none is left.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "tokenize/words/merge_table.h"
#include "tokenize/words/word_model.h"

namespace headlight {

class BpeModel final : public WordModel {
  public:
    struct Options {
        bool is_byte_level = false;   // words come as bytes, the vocabulary is written in byte_alphabet.h
        bool ignores_merges = false;  // a word that is in the vocabulary is one token
        bool has_byte_fallback = false;
        bool fuses_unknown = false;
        std::string unknown;  // piece for characters that are not in the vocabulary; empty: they are dropped
        std::string continuing_prefix, end_suffix;
    };
    using Vocabulary = std::unordered_map<std::string, std::int32_t>;

    /// From the "model" of a tokenizer.json. Errors: Corrupt (types, ids, merges of unknown pieces),
    /// Unsupported. `is_byte_level`: words may come as bytes; a model that needs characters does not take
    /// them so.
    static Result<BpeModel> from_json(const nlohmann::json& model, bool is_byte_level);
    using Pair = std::pair<std::string, std::string>;
    /// `merges`: pairs in order of rank.
    static Result<BpeModel> create(Vocabulary vocabulary, std::span<const Pair> merges, Options options);
    /// A merge as files write it, "left right". Nullopt: it has not one space.
    static std::optional<Pair> pair_of(std::string_view merge);

    /// A byte-level vocabulary in which an id is a rank: any two pieces merge whose whole is a piece, the
    /// lowest rank first.
    static Result<BpeModel> from_ranks(Vocabulary vocabulary);

    /// Tokens of one word, appended to `out`. Time grows as n log n.
    Status encode(std::string_view word, std::vector<WordToken>& out) const override;

    /// End of the stretch of `word` from `begin` on that no merge can cross: two neighbours that stand side
    /// by side in no piece never meet in one. Cuts long words (whole texts, without a pre-tokenizer) into
    /// short ones, exactly.
    std::size_t stretch_end(std::string_view word, std::size_t begin) const override;

    int vocab_size() const override { return static_cast<int>(pieces_.size()); }
    int num_pieces() const override { return static_cast<int>(ids_.size()); }
    /// Empty for an id that no piece has.
    const std::string& piece(std::int32_t id) const override { return pieces_[static_cast<std::size_t>(id)]; }
    /// -1 if there is none.
    std::int32_t id_of(const std::string& piece) const override;
    std::int32_t unknown_id() const override { return unknown_id_; }
    bool is_byte_level() const override { return options_.is_byte_level; }
    const Options& options() const { return options_; }

  private:
    static Result<BpeModel> with_vocabulary(Vocabulary vocabulary, Options options);
    void finish();
    void note_neighbors();
    Status start_symbols(std::string_view word, std::vector<WordToken>& symbols) const;
    bool add_fallback_bytes(std::string_view piece, std::vector<WordToken>& symbols) const;
    std::int32_t whole_word(std::string_view word) const;

    Options options_;
    Vocabulary ids_;
    std::vector<std::string> pieces_;           // [id]
    std::array<std::int32_t, 256> byte_ids_{};  // byte-level: id of each byte; byte fallback: id of "<0x41>"
    std::int32_t unknown_id_ = -1;
    MergeTable merges_;
    MergeTable neighbors_;  // pairs of code points that occur in a piece; (c, kAlone): c is one
};

}  // namespace headlight
