// CANINE and ESM: no pieces are made, each character or residue is a token.
#include "base/utf8.h"
#include "tokenize/classes/listed_pieces.h"
#include "tokenize/classes/python_classes.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/vocabulary_file.h"
#include "tokenize/text/white_space.h"

namespace headlight {
namespace {

constexpr std::int32_t kNumCodePoints = 0x110000;

class CanineTokenizer final : public PythonTokenizer {
  public:
    CanineTokenizer() { note_size(kNumCodePoints); }
    std::string family() const override { return "plain_bytes"; }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        for (std::size_t i = 0; i < part.size();) {
            const utf8::Decoded c = utf8::decode(part, i);
            Token token = dressed(static_cast<std::int32_t>(c.code_point));
            token.byte_begin = i;
            i += c.size_bytes;
            token.byte_end = i;
            out.push_back(std::move(token));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        put_roles_around(tokens, "cls_token", "sep_token");
    }
    std::int32_t piece_id(const std::string& piece) const override {
        const utf8::Decoded c = piece.empty() ? utf8::Decoded() : utf8::decode(piece, 0);
        return c.is_valid && c.size_bytes == piece.size() ? static_cast<std::int32_t>(c.code_point) : -1;
    }
    std::string piece_of(std::int32_t id) const override {
        std::string piece;
        if (id >= 0 && id < kNumCodePoints) utf8::append(piece, static_cast<char32_t>(id));
        return piece;
    }
    std::string bytes_of_piece(std::int32_t id) const override { return piece_of(id); }
    /// Its special tokens are characters without a shape.
    std::string display_of(std::int32_t id) const override {
        constexpr const char* kNames[] = {"[CLS]", "[SEP]", "[BOS]", "[MASK]", "[RESERVED]"};
        if (id == 0) return "[PAD]";
        const std::int32_t special = id - 0xE000;
        return special >= 0 && special < 5 ? kNames[special] : PythonTokenizer::display_of(id);
    }
};

class EsmTokenizer final : public ListedPieces {
  public:
    std::string family() const override { return "word_level"; }
    void cut_at_pieces() {
        for (const std::string& piece : pieces)
            cut_also_at(piece);
    }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        for (std::size_t begin = past_white_space(part); begin < part.size();) {
            std::size_t end = begin;
            while (end < part.size() && !is_python_space(utf8::decode(part, end).code_point))
                end += utf8::decode(part, end).size_bytes;
            const std::int32_t id = piece_id(std::string(part.substr(begin, end - begin)));
            Token token = dressed(id >= 0 ? id : unknown);
            token.byte_begin = begin;
            token.byte_end = end;
            out.push_back(std::move(token));
            begin = end + past_white_space(part.substr(end));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        put_roles_around(tokens, "cls_token", "eos_token");
    }
    std::string bytes_of_piece(std::int32_t id) const override { return piece_of(id); }
};

}  // namespace

Result<TokenizerPtr> open_canine(ClassBuild& build, const std::string& folder) {
    const std::pair<const char*, const char*> roles[] = {{"bos_token", "\uE000"},
                                                         {"eos_token", "\uE001"},
                                                         {"sep_token", "\uE001"},
                                                         {"cls_token", "\uE000"},
                                                         {"mask_token", "\uE003"}};
    for (const auto& [role, text] : roles)
        build.set_default(role, text);
    if (!build.settings().contains("pad_token")) build.settings()["pad_token"] = std::string(1, '\0');
    build.let_strip_left("mask_token");
    auto tokenizer = std::make_shared<CanineTokenizer>();
    tokenizer->source_file = folder + "/tokenizer_config.json";
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, kNumCodePoints));
    return TokenizerPtr(std::move(tokenizer));
}

Result<TokenizerPtr> open_esm(ClassBuild& build, const std::string& folder) {
    const std::string file = folder + "/vocab.txt";
    HEADLIGHT_TRY(const std::vector<std::string> lines, read_vocab_lines(file));
    auto tokenizer = std::make_shared<EsmTokenizer>();
    tokenizer->source_file = file;
    for (const std::string& line : lines) {
        const std::string piece = line.substr(past_white_space(line));
        tokenizer->ids[piece] = static_cast<std::int32_t>(tokenizer->pieces.size());
        tokenizer->pieces.push_back(piece);
    }
    tokenizer->note_pieces();
    const std::pair<const char*, const char*> roles[] = {{"unk_token", "<unk>"},
                                                         {"cls_token", "<cls>"},
                                                         {"pad_token", "<pad>"},
                                                         {"mask_token", "<mask>"},
                                                         {"eos_token", "<eos>"}};
    for (const auto& [role, text] : roles)
        build.set_default(role, text);
    HEADLIGHT_CHECK(tokenizer->take_unknown(build, file));
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, tokenizer->ids.size()));
    tokenizer->cut_at_pieces();
    return TokenizerPtr(std::move(tokenizer));
}

}  // namespace headlight
