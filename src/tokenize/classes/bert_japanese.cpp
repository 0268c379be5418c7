// BERT for Japanese: words by MeCab or between spaces and signs, then WordPiece or single characters.
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <functional>
#include <set>

#include "base/utf8.h"
#include "tokenize/classes/python_classes.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/vocabulary_file.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/unicode_age.h"
#include "tokenize/text/unicode_forms.h"
#include "tokenize/text/white_space.h"
#include "tokenize/words/mecab.h"
#include "tokenize/words/word_piece_model.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kIpadicFolder = "/var/lib/mecab/dic/ipadic-utf8";
constexpr const char* kNewerWord = "令和";  // an era's name, which the packaged dictionary has added
constexpr char32_t kSmallSigma = 0x3C3, kLastSigma = 0x3C2;

/// General category of Python's tables.
std::uint32_t python_category(char32_t c) {
    return is_assigned_by(c, kPythonUnicode) ? U_GET_GC_MASK(static_cast<UChar32>(c)) : U_GC_CN_MASK;
}

bool is_sign(char32_t c) {
    return (c > 0x20 && c < 0x7F && u_isalnum(static_cast<UChar32>(c)) == 0) ||
           (python_category(c) & U_GC_P_MASK) != 0;
}

/// Characters of `text` as `map` has them; 0: the character goes.
AlignedText with_characters(AlignedText text, const std::function<char32_t(char32_t)>& map) {
    std::vector<CharChange> changes;
    std::size_t num_removed_first = 0;
    const std::string source = text.text();
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        i += c.size_bytes;
        if (const char32_t kept = map(c.code_point); kept != 0) {
            changes.push_back({kept, 0});
        } else if (changes.empty()) {
            ++num_removed_first;
        } else {
            --changes.back().change;
        }
    }
    text.transform(changes, num_removed_first);
    return text;
}

/// Control characters, format, private use and what nobody assigned go; white space is a plain space.
char32_t cleaned(char32_t c) {
    if (c == U'\t' || c == U'\n' || c == U'\r') return U' ';
    if (c == 0xFFFD) return 0;
    const std::uint32_t category = python_category(c);
    if ((category & U_GC_C_MASK) != 0) return 0;
    return (category & U_GC_ZS_MASK) != 0 ? U' ' : c;
}

/// As Python lowers a word: a sigma at its end has a form of its own.
AlignedText lowered(AlignedText word) {
    icu::UnicodeString python = icu::UnicodeString::fromUTF8(word.text());
    python.toLower(icu::Locale::getRoot());
    std::string lower;
    python.toUTF8String(lower);
    word = to_lowercase(std::move(word));
    std::vector<CharChange> changes;
    if (word.text() == lower || word.text().size() != lower.size()) return word;
    for (std::size_t i = 0; i < lower.size();) {
        const utf8::Decoded ours = utf8::decode(word.text(), i), c = utf8::decode(lower, i);
        changes.push_back(
            {ours.code_point == kSmallSigma && c.code_point == kLastSigma ? kLastSigma : ours.code_point, 0});
        i += ours.size_bytes;
    }
    word.transform(changes);
    return word;
}

/// Stretches of `text` between white space.
std::vector<std::pair<std::size_t, std::size_t>> spaced_words(std::string_view text) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t begin = past_white_space(text); begin < text.size();) {
        std::size_t end = begin;
        while (end < text.size() && !is_python_space(utf8::decode(text, end).code_point))
            end += utf8::decode(text, end).size_bytes;
        found.emplace_back(begin, end);
        begin = end + past_white_space(text.substr(end));
    }
    return found;
}

bool holds_newer_word(std::string_view text) {
    const CleanText clean(text);
    const AlignedText normal =
        to_unicode_form(AlignedText(clean.text(), 0), UnicodeForm::Nfkc, kPythonUnicode);
    return normal.text().find(kNewerWord) != std::string::npos;
}

class BertJapaneseTokenizer final : public PythonTokenizer {
  public:
    BertJapaneseTokenizer(std::vector<std::string> lines, const std::string& unknown)
        : num_pieces_(static_cast<int>(lines.size())),
          pieces_(PieceTable::from_list(std::move(lines)), {unknown, "##", 100}) {
        note_size(num_pieces_);
    }

    enum class Words { Whole, Basic, Mecab } words = Words::Basic;
    enum class Pieces { Whole, WordPiece, Characters } pieces = Pieces::WordPiece;
    std::shared_ptr<const Mecab> mecab;
    bool lowers = false;
    std::set<std::string> never_split;

    std::string family() const override { return "word_piece"; }
    TokenizedText encode(std::string_view text, bool add_special) const override {
        auto encoded = try_encode(text, add_special);
        if (encoded) return std::move(*encoded);
        TokenizedText none;
        none.text = text;
        return none;
    }
    Result<TokenizedText> try_encode(std::string_view text, bool add_special) const override {
        if (words == Words::Mecab && holds_newer_word(text))
            return fail(ErrorKind::Unsupported,
                        "the text holds '{}', a word of the system's MeCab dictionary that the reference's "
                        "ipadic does not have: it would be cut otherwise. Write the text without it",
                        kNewerWord);
        return PythonTokenizer::encode(text, add_special);
    }
    std::int32_t unknown_id() const { return pieces_.unknown_id(); }
    int num_pieces() const { return pieces_.num_pieces(); }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        const AlignedText text(part, 0);
        if (words == Words::Whole) return cut_word(text, out);
        if (words == Words::Basic) return cut_basic(text, out);
        const AlignedText normal = to_unicode_form(text, UnicodeForm::Nfkc, kPythonUnicode);
        for (const auto& [begin, end] : mecab->words(normal.text())) {
            AlignedText word = normal.slice(begin, end);
            if (lowers && never_split.count(word.text()) == 0) word = lowered(std::move(word));
            cut_word(word, out);
        }
    }

    void cut_basic(const AlignedText& given, std::vector<Token>& out) const {
        const AlignedText text =
            to_unicode_form(with_characters(given, cleaned), UnicodeForm::Nfc, kPythonUnicode);
        for (const auto& [begin, end] : spaced_words(text.text())) {
            AlignedText word = text.slice(begin, end);
            if (never_split.count(word.text()) != 0) {
                cut_word(word, out);
                continue;
            }
            if (lowers) {
                word = to_unicode_form(lowered(std::move(word)), UnicodeForm::Nfd, kPythonUnicode);
                word = with_characters(std::move(word), [](char32_t c) {
                    return (python_category(c) & U_GC_MN_MASK) != 0 ? char32_t{0} : c;
                });
            }
            cut_at_signs(word, out);
        }
    }

    void cut_at_signs(const AlignedText& word, std::vector<Token>& out) const {
        const std::string& text = word.text();
        std::size_t begin = 0;
        for (std::size_t i = 0; i < text.size();) {
            const utf8::Decoded c = utf8::decode(text, i);
            const std::size_t next = i + c.size_bytes;
            if (is_sign(c.code_point)) {
                if (begin < i) cut_word(word.slice(begin, i), out);
                cut_word(word.slice(i, next), out);
                begin = next;
            }
            i = next;
        }
        if (begin < text.size()) cut_word(word.slice(begin, text.size()), out);
    }

    void cut_word(const AlignedText& word, std::vector<Token>& out) const {
        if (word.text().empty()) return;
        if (pieces == Pieces::Whole) return put_piece(id_of(word.text()), word, 0, word.text().size(), out);
        if (pieces == Pieces::Characters)
            return cut_characters(to_unicode_form(word, UnicodeForm::Nfkc, kPythonUnicode), out);
        std::vector<WordToken> found;
        for (const auto& [begin, end] : spaced_words(word.text())) {
            found.clear();
            if (!pieces_.encode(std::string_view(word.text()).substr(begin, end - begin), found)) continue;
            std::size_t at = begin;
            for (const WordToken& token : found) {
                put_piece(id_of(pieces_.piece(token.id)), word, at, at + token.size_bytes, out);
                at += token.size_bytes;
            }
        }
    }

    void cut_characters(const AlignedText& word, std::vector<Token>& out) const {
        const std::string& text = word.text();
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t next = i + utf8::decode(text, i).size_bytes;
            const std::string piece = text.substr(i, next - i);
            put_piece(piece_id(piece) >= 0 ? id_of(piece) : unknown_id(), word, i, next, out);
            i = next;
        }
    }

    void put_piece(std::int32_t id, const AlignedText& word, std::size_t begin, std::size_t end,
                   std::vector<Token>& out) const {
        Token token = dressed(id);
        const SourceRange range = word.source(begin, end);
        token.byte_begin = range.begin;
        token.byte_end = range.end;
        out.push_back(std::move(token));
    }

    void put_around(std::vector<Token>& tokens) const override {
        put_roles_around(tokens, "cls_token", "sep_token");
    }
    std::int32_t id_of(const std::string& piece) const {
        if (const std::int32_t added = added_id(piece); added >= 0) return added;
        const std::int32_t id = piece_id(piece);
        return id >= 0 ? id : unknown_id();
    }
    std::int32_t piece_id(const std::string& piece) const override { return pieces_.id_of(piece); }
    std::string piece_of(std::int32_t id) const override {
        return id >= 0 && id < num_pieces_ ? pieces_.piece(id) : std::string();
    }
    std::string bytes_of_piece(std::int32_t id) const override {
        const std::string piece = piece_of(id);
        return piece.starts_with("##") ? piece.substr(2) : " " + piece;
    }
    std::string display_of(std::int32_t id) const override {
        const std::string piece = piece_of(id);
        return piece.empty() ? PythonTokenizer::display_of(id) : piece;
    }
    bool drops_first_space() const override { return true; }

    int num_pieces_;
    WordPieceModel pieces_;
};

Error not_read(const std::string& key, const json& found, const char* expected) {
    return make_error(ErrorKind::Unsupported,
                      "BertJapaneseTokenizer: '{}' is {}, which is not read; expected {}", key,
                      found.dump().substr(0, 60), expected);
}

/// The dictionary that the settings name: only ipadic is the reference's own, word for word.
Status open_mecab(const ClassBuild& build, BertJapaneseTokenizer& tokenizer) {
    const json given = build.setting("mecab_kwargs", json::object());
    const json settings = given.is_null() ? json::object() : given;
    const json dictionary = settings.value("mecab_dic", json("unidic_lite"));
    if (dictionary != "ipadic")
        return fail(not_read("mecab_dic", dictionary,
                             "\"ipadic\" in 'mecab_kwargs': other dictionaries cut other words"));
    for (const auto& [key, value] : settings.items()) {
        const bool is_plain = key == "mecab_dic" || (key == "normalize_text" && value == true) ||
                              (key == "mecab_option" && (value.is_null() || value == ""));
        if (!is_plain) return fail(not_read(key, value, "it to be left out of 'mecab_kwargs'"));
    }
    HEADLIGHT_TRY(tokenizer.mecab, Mecab::open(kIpadicFolder));
    return {};
}

Status choose_cutters(const ClassBuild& build, BertJapaneseTokenizer& tokenizer) {
    using Words = BertJapaneseTokenizer::Words;
    using Pieces = BertJapaneseTokenizer::Pieces;
    const json words = build.setting("word_tokenizer_type", "basic");
    if (!build.truth("do_word_tokenize", true)) {
        tokenizer.words = Words::Whole;
    } else if (words == "mecab") {
        tokenizer.words = Words::Mecab;
        HEADLIGHT_CHECK(open_mecab(build, tokenizer));
    } else if (words != "basic") {
        return fail(not_read("word_tokenizer_type", words, "\"basic\" or \"mecab\""));
    }
    const json pieces = build.setting("subword_tokenizer_type", "wordpiece");
    if (!build.truth("do_subword_tokenize", true)) {
        tokenizer.pieces = Pieces::Whole;
    } else if (pieces == "character") {
        tokenizer.pieces = Pieces::Characters;
    } else if (pieces != "wordpiece") {
        return fail(not_read("subword_tokenizer_type", pieces, "\"wordpiece\" or \"character\""));
    }
    return {};
}

void note_never_split(const ClassBuild& build, BertJapaneseTokenizer& tokenizer) {
    const json given = build.setting("never_split", json::array());
    for (const json& token : given)
        tokenizer.never_split.insert(token.get<std::string>());
    for (const auto& [role, token] : build.role_list())
        if (token) tokenizer.never_split.insert(token->content);
    for (const TokenSpec& token : build.extra())
        tokenizer.never_split.insert(token.content);
}

}  // namespace

Result<TokenizerPtr> open_bert_japanese(ClassBuild& build, const std::string& folder) {
    const std::pair<const char*, const char*> roles[] = {{"unk_token", "[UNK]"},
                                                         {"sep_token", "[SEP]"},
                                                         {"pad_token", "[PAD]"},
                                                         {"cls_token", "[CLS]"},
                                                         {"mask_token", "[MASK]"}};
    for (const auto& [role, text] : roles)
        build.set_default(role, text);
    const std::string file = folder + "/vocab.txt", unknown = build.text_of("unk_token");
    HEADLIGHT_TRY(std::vector<std::string> lines, read_vocab_lines(file));
    auto tokenizer = std::make_shared<BertJapaneseTokenizer>(std::move(lines), unknown);
    tokenizer->source_file = file;
    if (tokenizer->unknown_id() < 0)
        return fail(
            make_error(ErrorKind::Corrupt, "the vocabulary has no token for unknown pieces ('{}')", unknown)
                .in_file(file));
    HEADLIGHT_CHECK(choose_cutters(build, *tokenizer));
    tokenizer->lowers = build.truth("do_lower_case", false);
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, static_cast<std::size_t>(tokenizer->num_pieces())));
    note_never_split(build, *tokenizer);
    return TokenizerPtr(std::move(tokenizer));
}

}  // namespace headlight
