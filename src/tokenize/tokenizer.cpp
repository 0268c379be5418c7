#include "tokenize/tokenizer.h"

#include <filesystem>

#include "tokenize/tokenizer_files.h"

namespace headlight {

#define HEADLIGHT_TOKENIZER(name) extern const TokenizerFamily k_tokenizer_##name;
#include "tokenize/families/tokenizers.def"
#undef HEADLIGHT_TOKENIZER

std::span<const TokenizerFamily* const> tokenizer_families() {
    static const TokenizerFamily* const families[] = {
#define HEADLIGHT_TOKENIZER(name) &k_tokenizer_##name,
#include "tokenize/families/tokenizers.def"
#undef HEADLIGHT_TOKENIZER
    };
    return families;
}

Result<TokenizerPtr> open_tokenizer(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return fail(make_error(ErrorKind::Missing, "cannot open the tokenizer: no such file or folder")
                        .in_file(path));
    }
    for (const TokenizerFamily* family : tokenizer_families()) {
        if (family->can_open(path)) return family->open(path);
    }
    return fail(describe_missing_tokenizer(path));
}

Result<TokenizedText> Tokenizer::from_ids(std::span<const std::int32_t> ids) const {
    TokenizedText out;
    for (const std::int32_t id : ids) {
        HEADLIGHT_TRY(Token token, this->token(id));
        token.byte_begin = out.text.size();
        if (!token.is_special) out.text += token.piece;
        token.byte_end = out.text.size();
        out.tokens.push_back(std::move(token));
    }
    return out;
}

}  // namespace headlight
