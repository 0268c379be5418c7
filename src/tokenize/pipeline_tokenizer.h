// A tokenizer made of the steps of tokenizer.json around a model of words.
#pragma once

#include <memory>
#include <string>

#include "tokenize/added_tokens.h"
#include "tokenize/post_processor.h"
#include "tokenize/text/normalizer.h"
#include "tokenize/text/pre_tokenizer.h"
#include "tokenize/tokenizer.h"
#include "tokenize/words/word_model.h"

namespace headlight {

/// How pieces become text again.
struct PieceDecoding {
    bool has_space_marks = false;     // "▁" is a space, "<0x0A>" a byte
    bool is_byte_alphabet = false;    // byte_alphabet.h
    bool strips_first_space = false;  // the space that was put before the text is taken off
    std::string continuing_prefix;    // "##": a piece without it begins a word, with a space before it
};

struct TokenizerParts {
    std::string family, source;
    TextNormalizer normalizer;
    PreTokenizer pre_tokenizer;
    std::shared_ptr<const WordModel> model;
    PostProcessor post_processor;
    AddedTokens added;
    PieceDecoding decoding;
    std::int32_t bos_id = -1, eos_id = -1, mask_id = -1;
    std::map<std::string, std::string> special_tokens;
    bool tells_segments = true;  // false: the files keep them from the model
    std::string
        infilling_mark;  // a text with it is put together by rules of a class that are not read; empty: none
};

class PipelineTokenizer final : public Tokenizer {
  public:
    explicit PipelineTokenizer(TokenizerParts parts);

    std::string family() const override { return parts_.family; }
    std::string source() const override { return parts_.source; }
    int vocab_size() const override { return vocab_size_; }
    TokenizedText encode(std::string_view text, bool add_special) const override;
    Result<TokenizedText> try_encode(std::string_view text, bool add_special) const override;
    bool has_pair_form() const override { return has_pair_form_; }
    Result<TokenizedText> encode_pair(std::string_view first, std::string_view second,
                                      bool add_special) const override;
    Result<Token> token(std::int32_t id) const override;
    Result<TokenizedText> from_ids(std::span<const std::int32_t> ids) const override;
    std::int32_t bos_id() const override { return parts_.bos_id; }
    std::int32_t eos_id() const override { return parts_.eos_id; }
    std::int32_t mask_id() const override { return parts_.mask_id; }
    std::map<std::string, std::string> special_tokens() const override { return parts_.special_tokens; }

  private:
    std::string_view piece(std::int32_t id) const;
    std::string bytes_of(std::int32_t id) const;
    Token dressed(std::int32_t id) const;
    Result<SectionList> split_text(const AlignedText& whole) const;
    Status encode_section(const TextSection& section, class WordCache& cache,
                          std::vector<RawToken>& out) const;
    Status check_text(std::string_view text) const;
    Result<std::vector<RawToken>> raw_tokens(const SectionList& list) const;
    /// A token as it came out of the pipeline, with its span in the text as given from `begin` on.
    Token shown(const RawToken& from, const class CleanText& clean, std::size_t begin) const;

    TokenizerParts parts_;
    int vocab_size_ = 0;
    bool has_pair_form_ = false;
    bool shares_ids_ =
        false;  // an added token has the id of another piece, as gaps in the vocabulary bring about
};

}  // namespace headlight
