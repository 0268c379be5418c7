#include "tokenize/files/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "tokenize/files/sentencepiece_proto.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/text/precompiled_map.h"
#include "tokenize/text/space_mark.h"
#include "tokenize/words/likeliest_pieces.h"

namespace headlight {
namespace {

constexpr std::size_t kMaxModelBytes = std::size_t{256} << 20;
using Processor = sentencepiece::SentencePieceProcessor;

class SentencePieceTokenizer final : public Tokenizer {
  public:
    /// `letters`: the same model as one that cuts a text into its characters, for a model of likelihoods;
    /// else null.
    SentencePieceTokenizer(std::string source, std::unique_ptr<Processor> model,
                           std::unique_ptr<Processor> letters, const SentencePieceProto& proto)
        : source_(std::move(source)),
          model_(std::move(model)),
          letters_(std::move(letters)),
          likeliest_(proto),
          has_byte_fallback_(proto.has_byte_fallback) {
        for (int byte = 0; has_byte_fallback_ && byte < 256; ++byte)
            byte_ids_[static_cast<std::size_t>(byte)] = model_->PieceToId(fmt::format("<0x{:02X}>", byte));
    }

    std::string family() const override { return kSentencePieceFamily; }
    std::string source() const override { return source_; }
    int vocab_size() const override { return model_->GetPieceSize(); }
    std::int32_t bos_id() const override { return model_->bos_id(); }
    std::int32_t eos_id() const override { return model_->eos_id(); }

    Result<Token> token(std::int32_t id) const override {
        if (is_model_id(id)) return dressed(id);
        return fail(ErrorKind::InvalidInput, "token id {} is out of range: the vocabulary has ids 0 to {}",
                    id, vocab_size() - 1);
    }

    TokenizedText encode(std::string_view given, bool) const override {
        const CleanText clean(given);
        const std::string& text = clean.text();
        TokenizedText out;
        out.text = given;
        if (letters_ != nullptr) {
            spell(text, out.tokens);
        } else {
            const auto pieces = model_->EncodeAsImmutableProto({text.data(), text.size()});
            for (std::size_t i = 0; i < pieces.pieces_size(); ++i) {
                const auto piece = pieces.pieces(static_cast<int>(i));
                push(static_cast<std::int32_t>(piece.id()), piece.piece(), piece.begin(), piece.end(), text,
                     out.tokens);
            }
        }
        for (Token& token : out.tokens) {
            token.byte_begin = clean.given_offset(token.byte_begin);
            token.byte_end = clean.given_offset(token.byte_end);
        }
        share_character_spans(out.tokens);
        return out;
    }

    Result<TokenizedText> from_ids(std::span<const std::int32_t> ids) const override {
        TokenizedText out;
        bool is_first = true;
        for (const std::int32_t id : ids) {
            HEADLIGHT_TRY(Token token, this->token(id));
            token.byte_begin = out.text.size();
            if (!token.is_special) {
                std::string bytes = bytes_of(id);
                if (is_first && bytes.starts_with(' ')) bytes.erase(0, 1);  // the space put before the text
                out.text += bytes;
                is_first = false;
            }
            token.byte_end = out.text.size();
            out.tokens.push_back(std::move(token));
        }
        if (!utf8::is_valid(out.text)) return out;
        for (Token& token : out.tokens) {
            if (token.byte_begin < token.byte_end)
                expand_to_characters(out.text, token.byte_begin, token.byte_end);
        }
        return out;
    }

  private:
    bool is_model_id(std::int32_t id) const { return id >= 0 && id < model_->GetPieceSize(); }

    std::string bytes_of(std::int32_t id) const {
        const std::string& piece = model_->IdToPiece(id);
        if (!model_->IsByte(id)) return with_spaces(piece);
        return std::string(1, static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16)));  // "<0x0A>"
    }

    Token dressed(std::int32_t id) const {
        const bool is_special = model_->IsControl(id) && id != model_->unk_id();
        return {id, model_->IdToPiece(id), display_form(bytes_of(id)), 0, 0, is_special};
    }

    /// A token with its span, which grows to whole characters of the text; `piece` is what an unknown one
    /// stands for.
    void push(std::int32_t id, std::string_view piece, std::size_t begin, std::size_t end,
              const std::string& text, std::vector<Token>& out) const {
        Token token = dressed(id);
        if (id == model_->unk_id()) {
            token.piece = piece;
            token.display = display_form(with_spaces(piece));
        }
        token.byte_begin = std::min(begin, text.size());
        token.byte_end = std::clamp(end, token.byte_begin, text.size());
        if (token.byte_begin < token.byte_end) expand_to_characters(text, token.byte_begin, token.byte_end);
        out.push_back(std::move(token));
    }

    // The library normalises the text, which the likeliest pieces then spell.
    void spell(const std::string& text, std::vector<Token>& out) const {
        std::string normal;
        std::vector<std::pair<std::size_t, std::size_t>> spans;  // of each byte
        const auto letters = letters_->EncodeAsImmutableProto({text.data(), text.size()});
        for (std::size_t i = 0; i < letters.pieces_size(); ++i) {
            const auto letter = letters.pieces(static_cast<int>(i));
            const auto id = static_cast<std::int32_t>(letter.id());
            normal += is_model_id(id) && model_->IsByte(id)
                          ? bytes_of(id)
                          : letter.piece();  // bytes of a character that is no letter
            spans.resize(normal.size(), {letter.begin(), letter.end()});
        }
        bool is_unknown = false;
        for (const LikeliestPieces::Piece& piece : likeliest_.spell(normal)) {
            const std::size_t begin = spans[piece.begin].first, end = spans[piece.end - 1].second;
            const bool was_unknown = std::exchange(is_unknown, piece.id == model_->unk_id());
            const std::string_view part =
                std::string_view(normal).substr(piece.begin, piece.end - piece.begin);
            if (!is_unknown) {
                push(piece.id, part, begin, end, text, out);
            } else if (has_byte_fallback_) {
                for (const char c : part)
                    push(byte_ids_[static_cast<unsigned char>(c)], {}, begin, end, text, out);
            } else if (was_unknown) {  // neighbouring unknown characters are one token
                out.back().piece += part;
                out.back().display = display_form(with_spaces(out.back().piece));
                out.back().byte_end = std::max(out.back().byte_end, std::min(end, text.size()));
            } else {
                push(piece.id, part, begin, end, text, out);
            }
        }
    }

    // The library gives the span of a character that was cut into bytes to the last of them; all of them mean
    // it.
    void share_character_spans(std::vector<Token>& out) const {
        for (std::size_t i = out.size(); i-- > 1;) {
            Token& before = out[i - 1];
            const bool are_bytes = model_->IsByte(out[i].id) && model_->IsByte(before.id);
            if (are_bytes && before.byte_begin == before.byte_end && before.byte_begin == out[i].byte_begin) {
                before.byte_end = out[i].byte_end;
            }
        }
    }

    std::string source_;
    std::unique_ptr<Processor> model_, letters_;
    LikeliestPieces likeliest_;
    bool has_byte_fallback_ = false;
    std::array<std::int32_t, 256> byte_ids_ = {};
};

Result<std::unique_ptr<Processor>> load_model(const std::string& bytes, const std::string& file) {
    auto model = std::make_unique<Processor>();
    const auto status = model->LoadFromSerializedProto({bytes.data(), bytes.size()});
    if (status.ok() && model->GetPieceSize() > 0) return model;
    return fail(make_error(ErrorKind::Corrupt, "SentencePiece does not take this as a model: {}",
                           status.ok() ? "it has no pieces" : std::string(status.message()))
                    .in_file(file));
}

/// What is appended to a serialised ModelProto (protocol buffers merge it) to make it a model of characters:
/// every character of a piece, so that the library gives each of them with its span, and TrainerSpec {
/// model_type: CHAR }.
std::string letters_of(const SentencePieceProto& proto) {
    std::set<std::string> known, letters;
    for (const SentencePiece& piece : proto.pieces) {
        known.insert(piece.text);
        for (std::size_t i = 0; i < piece.text.size();) {
            const std::size_t size = utf8::decode(piece.text, i).size_bytes;
            letters.insert(piece.text.substr(i, size));
            i += size;
        }
    }
    std::string out;
    for (const std::string& letter : letters) {
        if (known.count(letter) != 0 || !utf8::is_valid(letter)) continue;
        const auto size = static_cast<char>(letter.size());
        out += std::string{'\x0A', static_cast<char>(size + 2), '\x0A', size} + letter;
    }
    return out + std::string("\x12\x02\x18\x04");
}

// The library trusts some of what a model file says, so the file is read here first.
Result<SentencePieceProto> checked_proto(const std::string& bytes) {
    HEADLIGHT_TRY(SentencePieceProto proto, parse_sentencepiece(bytes));
    if (proto.character_map.empty()) return proto;
    HEADLIGHT_TRY(const PrecompiledMap map, PrecompiledMap::from_bytes(proto.character_map));
    if (!map.is_closed())
        return fail(ErrorKind::Corrupt,
                    "the SentencePiece model's table of characters points outside itself");
    return proto;
}

}  // namespace

Result<SentencePieceProto> read_sentencepiece(const std::string& file) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(file, kMaxModelBytes));
    auto proto = checked_proto(bytes);
    if (!proto) return fail(std::move(proto).error().in_file(file));
    return proto;
}

Result<TokenizerPtr> open_sentencepiece_alone(const std::string& file) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(file, kMaxModelBytes));
    auto proto = checked_proto(bytes);
    if (!proto) return fail(std::move(proto).error().in_file(file));
    HEADLIGHT_TRY(auto model, load_model(bytes, file));
    std::unique_ptr<Processor> letters;
    if (proto->is_unigram) {
        HEADLIGHT_TRY(letters, load_model(bytes + letters_of(*proto), file));
    }
    return std::make_shared<SentencePieceTokenizer>(file, std::move(model), std::move(letters), *proto);
}

}  // namespace headlight
