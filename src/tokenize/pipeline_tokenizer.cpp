#include "tokenize/pipeline_tokenizer.h"

#include <algorithm>
#include <unordered_map>

#include "base/utf8.h"
#include "tokenize/text/byte_alphabet.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/text/space_mark.h"

namespace headlight {

// Words of one text that were encoded already. Lives for one call, so that no lock is needed.
class WordCache {
  public:
    Result<std::span<const WordToken>> encode(const WordModel& model, std::string_view word) {
        if (word.size() > kMaxWordBytes) {
            long_word_.clear();
            HEADLIGHT_CHECK(model.encode(word, long_word_));
            return std::span<const WordToken>(long_word_);
        }
        key_.assign(word);
        const auto found = words_.find(key_);
        if (found != words_.end()) return std::span<const WordToken>(found->second);
        auto& tokens = words_[key_];
        HEADLIGHT_CHECK(model.encode(word, tokens));
        return std::span<const WordToken>(tokens);
    }

  private:
    static constexpr std::size_t kMaxWordBytes = 64;
    std::unordered_map<std::string, std::vector<WordToken>> words_;
    std::vector<WordToken> long_word_;
    std::string key_;
};

namespace {

// "<0x0A>" -> 10, else -1.
int fallback_byte(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
    int value = 0;
    for (const char c : piece.substr(3, 2)) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/// "##ing" goes on, "cat" begins a word.
std::string joined_word_piece(const std::string& piece, const std::string& prefix, bool is_first) {
    if (piece.starts_with(prefix)) return piece.substr(prefix.size());
    return is_first ? piece : " " + piece;
}

}  // namespace

PipelineTokenizer::PipelineTokenizer(TokenizerParts parts)
    : parts_(std::move(parts)),
      vocab_size_(parts_.model->vocab_size()),
      has_pair_form_(parts_.post_processor.separates_pairs()) {
    for (const AddedToken& token : parts_.added.all()) {
        vocab_size_ = std::max(vocab_size_, token.id + 1);
        if (token.id >= parts_.model->vocab_size()) continue;
        const std::string& shared = parts_.model->piece(token.id);
        shares_ids_ = shares_ids_ || (!shared.empty() && shared != token.content);
    }
    for (std::int32_t* id : {&parts_.bos_id, &parts_.eos_id, &parts_.mask_id})
        if (*id >= vocab_size_) *id = -1;
}

std::string_view PipelineTokenizer::piece(std::int32_t id) const {
    if (const AddedToken* added = parts_.added.find(id)) return added->content;
    if (id >= 0 && id < parts_.model->vocab_size()) return parts_.model->piece(id);
    return {};
}

std::string PipelineTokenizer::bytes_of(std::int32_t id) const {
    const std::string_view text = piece(id);
    if (parts_.added.find(id) != nullptr) return std::string(text);
    if (parts_.decoding.is_byte_alphabet || parts_.model->is_byte_level())
        return piece_to_bytes(text).value_or(std::string(text));
    if (!parts_.decoding.has_space_marks) return std::string(text);
    const int byte = fallback_byte(text);
    return byte >= 0 ? std::string(1, static_cast<char>(byte)) : with_spaces(text);
}

Token PipelineTokenizer::dressed(std::int32_t id) const {
    Token token;
    token.id = id;
    token.piece = piece(id);
    token.display = display_form(bytes_of(id));
    const AddedToken* added = parts_.added.find(id);
    // The unknown token stands for text, whatever the files call it.
    token.is_special = added != nullptr && added->is_special && id != parts_.model->unknown_id();
    return token;
}

Result<Token> PipelineTokenizer::token(std::int32_t id) const {
    if (id < 0 || id >= vocab_size_) {
        return fail(ErrorKind::InvalidInput, "token id {} is out of range: the vocabulary has ids 0 to {}",
                    id, vocab_size_ - 1);
    }
    return dressed(id);
}

// Added tokens first (in the raw text, then in the normalised one), then the words between them.
Result<SectionList> PipelineTokenizer::split_text(const AlignedText& whole) const {
    SectionList list;
    std::vector<TextSection> raw;
    parts_.added.split({&whole, 0, whole.text().size(), -1}, false, raw);
    for (TextSection section : raw) {
        if (section.added_id >= 0) {
            list.sections.push_back(section);
            continue;
        }
        if (!parts_.normalizer.empty()) {
            AlignedText& normalized = list.texts.emplace_back();
            HEADLIGHT_TRY(normalized,
                          parts_.normalizer.apply(section.text->slice(section.begin, section.end)));
            section = {&normalized, 0, normalized.text().size(), -1};
        }
        parts_.added.split(section, true, list.sections);
    }
    HEADLIGHT_CHECK(parts_.pre_tokenizer.apply(list, !parts_.model->is_byte_level()));
    return list;
}

Status PipelineTokenizer::encode_section(const TextSection& section, WordCache& cache,
                                         std::vector<RawToken>& out) const {
    if (section.added_id >= 0) {
        const SourceRange range = section.text->source(section.begin, section.end);
        out.push_back({section.added_id, range.begin, range.end, section.view()});
        return {};
    }
    const std::string_view view = section.view();
    for (std::size_t begin = 0; begin < view.size();) {
        const std::size_t end = parts_.model->stretch_end(view, begin);
        std::size_t at = begin;
        SourceRange range;
        HEADLIGHT_TRY(const auto tokens, cache.encode(*parts_.model, view.substr(begin, end - begin)));
        for (const WordToken& token : tokens) {
            // Bytes of a suffix stand for nothing in the text; they are given its end.
            const std::size_t from = std::min(at, end - 1), to = std::min(at + token.size_bytes, end);
            if (token.size_bytes > 0) range = section.text->source(section.begin + from, section.begin + to);
            std::string_view shown;
            if (shares_ids_) shown = parts_.model->piece(token.id);
            if (parts_.model->shows_text(token, view.substr(from, to - from)))
                shown = view.substr(from, to - from);
            out.push_back({token.id, range.begin, range.end, shown});
            at += token.size_bytes;
        }
        begin = end;
    }
    return {};
}

TokenizedText PipelineTokenizer::encode(std::string_view text, bool add_special) const {
    auto tokens = try_encode(text, add_special);
    if (tokens) return std::move(*tokens);
    TokenizedText none;
    none.text = text;
    return none;
}

Status PipelineTokenizer::check_text(std::string_view text) const {
    if (parts_.infilling_mark.empty() || text.find(parts_.infilling_mark) == std::string_view::npos)
        return {};
    return fail(
        ErrorKind::Unsupported,
        "the text holds '{}': the reference makes a prompt for infilling of it, which is not read here",
        parts_.infilling_mark);
}

Result<std::vector<RawToken>> PipelineTokenizer::raw_tokens(const SectionList& list) const {
    WordCache cache;
    std::vector<RawToken> raw;
    for (const TextSection& section : list.sections)
        HEADLIGHT_CHECK(encode_section(section, cache, raw));
    return raw;
}

Token PipelineTokenizer::shown(const RawToken& from, const CleanText& clean, std::size_t begin) const {
    Token token = dressed(from.id);
    if (!from.matched.empty()) token.piece = from.matched;
    token.byte_begin = begin + clean.given_offset(from.begin);
    token.byte_end = begin + clean.given_offset(from.end);
    if (parts_.tells_segments) token.segment = from.segment;
    return token;
}

Result<TokenizedText> PipelineTokenizer::try_encode(std::string_view text, bool add_special) const {
    HEADLIGHT_CHECK(check_text(text));
    const CleanText clean(text);
    const AlignedText whole(clean.text(), 0);
    HEADLIGHT_TRY(const SectionList list, split_text(whole));
    HEADLIGHT_TRY(std::vector<RawToken> raw, raw_tokens(list));
    raw = parts_.post_processor.apply(
        clean.text(), add_special, [this](std::int32_t id) { return piece(id); }, std::move(raw));
    TokenizedText out;
    out.text = text;
    out.tokens.reserve(raw.size());
    for (const RawToken& from : raw)
        out.tokens.push_back(shown(from, clean, 0));
    return out;
}

Result<TokenizedText> PipelineTokenizer::encode_pair(std::string_view first, std::string_view second,
                                                     bool add_special) const {
    if (!has_pair_form_) return Tokenizer::encode_pair(first, second, add_special);
    HEADLIGHT_CHECK(check_text(first));
    HEADLIGHT_CHECK(check_text(second));
    const CleanText clean(first), clean_second(second);
    const AlignedText whole(clean.text(), 0), whole_second(clean_second.text(), 0);
    HEADLIGHT_TRY(const SectionList list, split_text(whole));
    HEADLIGHT_TRY(const SectionList list_second, split_text(whole_second));
    HEADLIGHT_TRY(std::vector<RawToken> raw, raw_tokens(list));
    HEADLIGHT_TRY(std::vector<RawToken> raw_second, raw_tokens(list_second));
    raw = parts_.post_processor.apply_pair(
        {clean.text(), clean_second.text()}, add_special, [this](std::int32_t id) { return piece(id); },
        std::move(raw), std::move(raw_second));
    TokenizedText out;
    out.text = fmt::format("{}\n{}", first, second);
    out.second_byte = first.size() + 1;
    for (const RawToken& from : raw) {
        if (from.sequence == 1 && !out.is_pair()) out.second_token = static_cast<int>(out.tokens.size());
        out.tokens.push_back(from.sequence == 1 ? shown(from, clean_second, out.second_byte)
                                                : shown(from, clean, 0));
    }
    // An empty second text begins before the special tokens that end it.
    if (!out.is_pair()) {
        const auto ends = parts_.post_processor.tokens_after_second();
        out.second_token = static_cast<int>(out.tokens.size()) - (add_special ? ends : 0);
    }
    return out;
}

Result<TokenizedText> PipelineTokenizer::from_ids(std::span<const std::int32_t> ids) const {
    TokenizedText out;
    bool is_first = true;
    for (const std::int32_t id : ids) {
        HEADLIGHT_TRY(Token token, this->token(id));
        token.byte_begin = out.text.size();
        if (!token.is_special) {
            std::string bytes = bytes_of(id);
            if (is_first && parts_.decoding.strips_first_space && bytes.starts_with(' ')) bytes.erase(0, 1);
            if (!parts_.decoding.continuing_prefix.empty() && parts_.added.find(id) == nullptr) {
                bytes = joined_word_piece(bytes, parts_.decoding.continuing_prefix, is_first);
            }
            out.text += bytes;
            is_first = false;
        }
        token.byte_end = out.text.size();
        out.tokens.push_back(std::move(token));
    }
    if (!utf8::is_valid(out.text)) return out;
    for (Token& token : out.tokens) {  // a part of a character stands for the whole of it
        if (token.byte_begin < token.byte_end)
            expand_to_characters(out.text, token.byte_begin, token.byte_end);
    }
    return out;
}

}  // namespace headlight
