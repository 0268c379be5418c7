// PhoBERT and Bertweet: words of subword-nmt, whose pieces end in "@@" where the word goes on.
#include <sstream>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "tokenize/classes/listed_pieces.h"
#include "tokenize/classes/python_classes.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/vocabulary_file.h"
#include "tokenize/text/white_space.h"
#include "tokenize/words/merge_word.h"

namespace headlight {
namespace {

constexpr std::size_t kMostCodeBytes = std::size_t{64} << 20;
constexpr const char* kGoesOn = "@@";
constexpr const char* kEndsWord = "</w>";

/// The merges of bpe.codes over symbols that are texts.
class MergeCodes {
  public:
    static Result<MergeCodes> read(const std::string& file) {
        HEADLIGHT_TRY(const std::string text, read_text_file(file, kMostCodeBytes));
        if (!utf8::is_valid(text))
            return fail(make_error(ErrorKind::Corrupt, "the merges are no UTF-8 text").in_file(file));
        MergeCodes codes;
        std::uint32_t rank = 0;
        for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            codes.add_line(text.substr(begin, end - begin), rank++);
        return codes;
    }

    /// Sizes in bytes of the pieces of a word.
    std::vector<std::size_t> cut(std::string_view word) const {
        std::vector<WordToken> symbols;
        for (std::size_t i = 0; i < word.size();) {
            const std::size_t size = utf8::decode(word, i).size_bytes;
            const bool is_last = i + size == word.size();
            const std::string symbol = std::string(word.substr(i, size)) + (is_last ? kEndsWord : "");
            symbols.push_back({known_id(symbol), static_cast<std::uint32_t>(size)});
            i += size;
        }
        merge_word(symbols, merges_, true);
        std::vector<std::size_t> sizes;
        for (const WordToken& symbol : symbols)
            sizes.push_back(symbol.size_bytes);
        return sizes;
    }

  private:
    /// "left right count": what stands last is no part of the merge, whatever it is.
    void add_line(const std::string& line, std::uint32_t rank) {
        std::vector<std::string> words;
        for (std::size_t i = past_white_space(line); i < line.size();) {
            std::size_t end = i;
            while (end < line.size() && !is_python_space(utf8::decode(line, end).code_point))
                end += utf8::decode(line, end).size_bytes;
            words.push_back(line.substr(i, end - i));
            i = end + past_white_space(std::string_view(line).substr(end));
        }
        if (words.size() != 3) return;
        const std::int32_t left = id_of(words[0]), right = id_of(words[1]);
        merges_.insert(left, right, {rank, id_of(words[0] + words[1])});
    }
    std::int32_t id_of(const std::string& symbol) {
        return ids_.emplace(symbol, static_cast<std::int32_t>(ids_.size()) + 1).first->second;
    }
    std::int32_t known_id(const std::string& symbol) const {
        const auto found = ids_.find(symbol);
        return found != ids_.end() ? found->second : 0;  // 0 merges with nothing
    }

    std::unordered_map<std::string, std::int32_t> ids_;
    MergeTable merges_;
};

class CodedTokenizer final : public ListedPieces {
  public:
    explicit CodedTokenizer(MergeCodes codes) : codes_(std::move(codes)) {}

    std::string family() const override { return "word_level"; }
    void list_pieces() {
        for (const auto& [piece, id] : ids) {
            if (static_cast<std::size_t>(id) >= pieces.size())
                pieces.resize(static_cast<std::size_t>(id) + 1);
            pieces[static_cast<std::size_t>(id)] = piece;
        }
        note_pieces();
    }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        for (std::size_t begin = past_white_space(part); begin < part.size();) {
            std::size_t end = begin;
            while (end < part.size() && !is_python_space(utf8::decode(part, end).code_point))
                end += utf8::decode(part, end).size_bytes;
            if (end < part.size() && part[end] == '\n') ++end;  // it counts to the word
            cut_word(part.substr(begin, end - begin), begin, out);
            begin = end + past_white_space(part.substr(end));
        }
    }
    void cut_word(std::string_view word, std::size_t begin, std::vector<Token>& out) const {
        std::size_t at = 0;
        for (const std::size_t size : codes_.cut(word)) {
            std::string piece(word.substr(at, size));
            if (at + size < word.size()) piece += kGoesOn;
            const std::int32_t added = added_id(piece), id = added >= 0 ? added : piece_id(piece);
            Token token = dressed(id >= 0 ? id : unknown);
            token.byte_begin = begin + at;
            at += size;
            token.byte_end = begin + at;
            out.push_back(std::move(token));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        put_roles_around(tokens, "cls_token", "sep_token");
    }
    std::string bytes_of_piece(std::int32_t id) const override {
        std::string piece = piece_of(id);
        if (piece.ends_with(kGoesOn)) return piece.substr(0, piece.size() - 2);
        return piece + ' ';
    }
    std::string display_of(std::int32_t id) const override {
        const std::string piece = piece_of(id);
        return piece.empty() ? PythonTokenizer::display_of(id) : piece;
    }

    MergeCodes codes_;
};

/// The four that stand before all others, then a word of each line "word count"; as the reference counts, a
/// word that comes again takes the next id without taking it up.
Status read_counted_words(const std::string& file, const ClassBuild& build, CodedTokenizer& tokenizer) {
    std::int32_t first = 0;
    for (const char* role : {"bos_token", "pad_token", "eos_token", "unk_token"})
        tokenizer.ids[build.text_of(role)] = first++;
    HEADLIGHT_TRY(const std::vector<std::string> lines, read_vocab_lines(file));
    for (const std::string& given : lines) {
        const std::string line = given.substr(past_white_space(given));
        const auto space = line.rfind(' ');
        if (space == std::string::npos)
            return fail(make_error(ErrorKind::Corrupt, "expected lines of a word and a number, found '{}'",
                                   line.substr(0, 60))
                            .in_file(file));
        const auto next = static_cast<std::int32_t>(tokenizer.ids.size());
        tokenizer.ids[line.substr(0, space)] = next;
    }
    tokenizer.list_pieces();
    tokenizer.unknown = tokenizer.ids.at(build.text_of("unk_token"));
    return {};
}

Result<TokenizerPtr> open_coded(ClassBuild& build, const std::string& folder) {
    const std::pair<const char*, const char*> roles[] = {
        {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"sep_token", "</s>"},   {"cls_token", "<s>"},
        {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "<mask>"}};
    for (const auto& [role, text] : roles)
        build.set_default(role, text);
    HEADLIGHT_TRY(MergeCodes codes, MergeCodes::read(folder + "/bpe.codes"));
    auto tokenizer = std::make_shared<CodedTokenizer>(std::move(codes));
    tokenizer->source_file = folder + "/vocab.txt";
    HEADLIGHT_CHECK(read_counted_words(tokenizer->source_file, build, *tokenizer));
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, tokenizer->ids.size()));
    return TokenizerPtr(std::move(tokenizer));
}

}  // namespace

Result<TokenizerPtr> open_phobert(ClassBuild& build, const std::string& folder) {
    return open_coded(build, folder);
}

Result<TokenizerPtr> open_bertweet(ClassBuild& build, const std::string& folder) {
    if (build.truth("normalization", false))
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "BertweetTokenizer cleans tweets up here ('normalization' is true): its rules for links, "
                "names and emoji are not read. Set it to false to give texts that are clean already")
                .in_file(folder + "/tokenizer_config.json"));
    return open_coded(build, folder);
}

}  // namespace headlight
