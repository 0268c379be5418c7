#include "tokenize/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "tokenize/clean_text.h"
#include "tokenize/precompiled_map.h"
#include "tokenize/sentencepiece_proto.h"

namespace headlight {
namespace {

constexpr std::size_t kMaxModelBytes = std::size_t{256} << 20;
constexpr std::string_view kSpaceMark = "▁";

using Processor = sentencepiece::SentencePieceProcessor;

std::string with_spaces(std::string_view piece) {
    std::string out;
    for (std::size_t i = 0; i < piece.size();) {
        const bool is_mark = piece.substr(i).starts_with(kSpaceMark);
        out += is_mark ? ' ' : piece[i];
        i += is_mark ? kSpaceMark.size() : 1;
    }
    return out;
}

class SentencePieceTokenizer final : public Tokenizer {
  public:
    SentencePieceTokenizer(std::string source, std::unique_ptr<Processor> model)
        : source_(std::move(source)), model_(std::move(model)) {}

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
        const auto pieces = model_->EncodeAsImmutableProto({text.data(), text.size()});
        for (std::size_t i = 0; i < pieces.pieces_size(); ++i) {
            const auto piece = pieces.pieces(static_cast<int>(i));
            Token token = dressed(static_cast<std::int32_t>(piece.id()));
            if (token.id == model_->unk_id()) {  // the library gives the text that it does not know
                token.piece = piece.piece();
                token.display = display_form(with_spaces(piece.piece()));
            }
            std::size_t begin = std::min<std::size_t>(piece.begin(), text.size());
            std::size_t end = std::clamp<std::size_t>(piece.end(), begin, text.size());
            if (begin < end) expand_to_characters(text, begin, end);
            token.byte_begin = clean.given_offset(begin);
            token.byte_end = clean.given_offset(end);
            out.tokens.push_back(std::move(token));
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
    std::unique_ptr<Processor> model_;
};

Result<std::unique_ptr<Processor>> load_model(const std::string& bytes, const std::string& file) {
    auto model = std::make_unique<Processor>();
    const auto status = model->LoadFromSerializedProto({bytes.data(), bytes.size()});
    if (status.ok() && model->GetPieceSize() > 0) return model;
    return fail(make_error(ErrorKind::Corrupt, "SentencePiece does not take this as a model: {}",
                           status.ok() ? "it has no pieces" : std::string(status.message()))
                    .in_file(file));
}

// The library trusts some of what a model file says, so the file is read here first.
Result<SentencePieceProto> checked_proto(const std::string& bytes) {
    HEADLIGHT_TRY(SentencePieceProto proto, parse_sentencepiece(bytes));
    if (proto.character_map.empty()) return proto;
    HEADLIGHT_TRY(const PrecompiledMap map, PrecompiledMap::from_bytes(proto.character_map));
    if (!map.is_closed())
        return fail(ErrorKind::Corrupt, "the SentencePiece model's table of characters points outside itself");
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
    return std::make_shared<SentencePieceTokenizer>(file, std::move(model));
}

}  // namespace headlight
