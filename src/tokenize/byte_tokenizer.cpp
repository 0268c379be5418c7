#include "tokenize/byte_tokenizer.h"

#include "tokenize/text/display_form.h"

namespace headlight {
namespace {

constexpr int kNumByteValues = 256;

class OneByteTokenizer final : public Tokenizer {
  public:
    std::string family() const override { return "bytes"; }
    std::string source() const override { return "built in: one token per byte"; }
    int vocab_size() const override { return kNumByteValues; }
    std::int32_t bos_id() const override { return -1; }

    TokenizedText encode(std::string_view text, bool /*add_special*/) const override {
        TokenizedText out;
        out.text = text;
        out.tokens.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            Token token = byte_token(static_cast<unsigned char>(text[i]));
            token.byte_begin = i;
            token.byte_end = i + 1;
            out.tokens.push_back(std::move(token));
        }
        return out;
    }

    Result<Token> token(std::int32_t id) const override {
        if (id >= 0 && id < kNumByteValues) return byte_token(static_cast<unsigned char>(id));
        return fail(ErrorKind::InvalidInput, "token id {} is out of range; bytes go from 0 to 255", id);
    }

  private:
    static Token byte_token(unsigned char byte) {
        Token token;
        token.id = byte;
        token.piece = fmt::format("<0x{:02X}>", byte);
        const char letter = static_cast<char>(byte);
        token.display = display_form(std::string_view(&letter, 1));
        return token;
    }
};

}  // namespace

TokenizerPtr make_byte_tokenizer() {
    return std::make_shared<OneByteTokenizer>();
}

}  // namespace headlight
