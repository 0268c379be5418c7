// Marian (Opus-MT): source.spm cuts the text into pieces, vocab.json gives their ids, which are not those of
// the model file.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "io/json_file.h"
#include "tokenize/sentencepiece_tokenizer.h"
#include "tokenize/tokenizer_class.h"
#include "tokenize/tokenizer_files.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kId = "marian";
constexpr std::int64_t kMaxId = 1 << 24;

class MarianTokenizer final : public Tokenizer {
  public:
    std::string source_file;
    TokenizerPtr cutter;              // the SentencePiece model alone
    std::vector<std::string> pieces;  // [id]
    std::unordered_map<std::string, std::int32_t> ids;
    std::int32_t unknown = -1, end = -1, pad = -1;

    std::string family() const override { return kId; }
    std::string source() const override { return source_file; }
    int vocab_size() const override { return static_cast<int>(pieces.size()); }
    /// The decoder starts with the padding token; a text has no beginning of its own.
    std::int32_t bos_id() const override { return -1; }
    std::int32_t eos_id() const override { return end; }

    Result<Token> token(std::int32_t id) const override {
        if (id >= 0 && id < vocab_size()) return dressed(id);
        return fail(ErrorKind::InvalidInput, "token id {} is out of range: the vocabulary has ids 0 to {}",
                    id, vocab_size() - 1);
    }

    TokenizedText encode(std::string_view text, bool add_special) const override {
        TokenizedText out;
        out.text = text;
        const std::size_t language_end = language_code(text);
        if (language_end > 0) {
            out.tokens.push_back(found(std::string(text.substr(0, language_end))));
            out.tokens.back().byte_end = language_end;
        }
        for (const Token& cut : cutter->encode(text.substr(language_end), false).tokens) {
            Token token = found(cut.piece);
            if (token.id == unknown) {  // the text that it stands for says more than "<unk>"
                token.piece = cut.piece;
                token.display = cut.display;
            }
            token.byte_begin = cut.byte_begin + language_end;
            token.byte_end = cut.byte_end + language_end;
            out.tokens.push_back(std::move(token));
        }
        if (add_special && end >= 0) out.tokens.push_back(dressed(end));
        return out;
    }

    Result<TokenizedText> from_ids(std::span<const std::int32_t> given) const override {
        TokenizedText out;
        for (const std::int32_t id : given) {
            HEADLIGHT_TRY(Token token, this->token(id));
            token.byte_begin = out.text.size();
            if (!token.is_special) {
                std::string words = with_spaces(pieces[static_cast<std::size_t>(id)]);
                if (out.text.empty() && words.starts_with(' ')) words.erase(0, 1);
                out.text += words;
            }
            token.byte_end = out.text.size();
            out.tokens.push_back(std::move(token));
        }
        return out;
    }

  private:
    /// Length of a target language ">>fra<<" in front of a text; 0 if there is none.
    static std::size_t language_code(std::string_view text) {
        if (!text.starts_with(">>")) return 0;
        const auto close = text.find("<<");
        return close == std::string_view::npos ? 0 : close + 2;
    }

    static std::string with_spaces(std::string text) {
        constexpr std::string_view kMark = "▁";
        for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1))
            text.replace(at, kMark.size(), " ");
        return text;
    }

    Token found(const std::string& piece) const {
        const auto entry = ids.find(piece);
        return dressed(entry != ids.end() ? entry->second : unknown);
    }

    Token dressed(std::int32_t id) const {
        const std::string& piece = pieces[static_cast<std::size_t>(id)];
        return {id, piece, display_form(with_spaces(piece)), 0, 0, id == end || id == pad};
    }
};

Result<TokenizerPtr> build(const std::string& spm, const std::string& vocab_file) {
    auto tokenizer = std::make_shared<MarianTokenizer>();
    tokenizer->source_file = spm;
    HEADLIGHT_TRY(tokenizer->cutter, open_sentencepiece_alone(spm));
    HEADLIGHT_TRY(const json vocab, read_json_file(vocab_file));
    if (!vocab.is_object())
        return fail(
            make_error(ErrorKind::Corrupt, "expected an object of pieces to ids").in_file(vocab_file));
    for (const auto& [piece, id] : vocab.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kMaxId)
            return fail(make_error(ErrorKind::Corrupt, "the id of '{}' is no whole number in range",
                                   piece.substr(0, 60))
                            .in_file(vocab_file));
        const auto place = id.get<std::size_t>();
        if (place >= tokenizer->pieces.size()) tokenizer->pieces.resize(place + 1);
        tokenizer->pieces[place] = piece;
        tokenizer->ids.emplace(piece, id.get<std::int32_t>());
    }
    const json config = read_tokenizer_settings(tokenizer_folder(spm));
    const auto role = [&](const char* name, const char* fallback) {
        const auto entry = tokenizer->ids.find(special_token_name(config, name, fallback));
        return entry != tokenizer->ids.end() ? entry->second : -1;
    };
    tokenizer->unknown = role("unk_token", "<unk>");
    tokenizer->end = role("eos_token", "</s>");
    tokenizer->pad = role("pad_token", "<pad>");
    if (tokenizer->unknown < 0)
        return fail(make_error(ErrorKind::Corrupt, "the vocabulary has no token for unknown pieces ('<unk>')")
                        .in_file(vocab_file));
    return TokenizerPtr(std::move(tokenizer));
}

std::string vocab_beside(const std::string& spm) {
    return (std::filesystem::path(tokenizer_folder(spm)) / "vocab.json").string();
}

bool can_open(const std::string& path) {
    return path.ends_with(".spm") && is_regular_file(path) && is_regular_file(vocab_beside(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    return build(path, vocab_beside(path));
}

}  // namespace

extern const TokenizerFamily k_tokenizer_marian;
const TokenizerFamily k_tokenizer_marian = {kId, "Marian (SentencePiece with its own ids)",
                                            "source.spm + vocab.json", can_open, open};

}  // namespace headlight
