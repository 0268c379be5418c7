#include "tokenize/tokenizer.h"

#include <filesystem>

#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {

#define HEADLIGHT_TOKENIZER(name, ...) extern const TokenizerFamily k_tokenizer_##name;
#include "tokenize/families/tokenizers.def"
#undef HEADLIGHT_TOKENIZER

std::span<const TokenizerFamily* const> tokenizer_families() {
    static constexpr const TokenizerFamily* kAll[] = {
#define HEADLIGHT_TOKENIZER(name, ...) &k_tokenizer_##name,
#include "tokenize/families/tokenizers.def"
#undef HEADLIGHT_TOKENIZER
    };
    return kAll;
}

namespace {

const TokenizerFamily* family_of(const std::string& file) {
    for (const TokenizerFamily* family : tokenizer_families()) {
        if (family->can_open(file)) return family;
    }
    return nullptr;
}

}  // namespace

std::vector<TokenizerChoice> list_tokenizers(const std::string& path) {
    std::vector<TokenizerChoice> choices;
    const auto resolved = find_model_path(path);
    if (!resolved) return choices;
    for (const std::string& file : tokenizer_candidates(folder_of_path(*resolved))) {
        const TokenizerFamily* family = family_of(file);
        if (family == nullptr) continue;
        const std::string name = std::filesystem::path(file).filename().string();
        choices.push_back({family->id, file, name + ": " + family->label, choices.empty()});
    }
    return choices;
}

Result<TokenizerPtr> open_tokenizer(const std::string& path) {
    auto resolved = find_model_path(path);
    if (!resolved) {
        Error error = std::move(resolved).error();
        error.message = "cannot open the tokenizer: " + error.message;
        if (error.file.empty()) error.file = path;
        return fail(std::move(error));
    }
    std::error_code code;
    std::string file = is_model_file(*resolved) ? folder_of_path(*resolved) : *resolved;
    const bool is_folder = std::filesystem::is_directory(file, code);
    if (is_folder) {
        const auto choices = list_tokenizers(file);
        if (choices.empty()) return fail(describe_missing_tokenizer(file));
        file = choices.front().file;
    }
    const TokenizerFamily* family = family_of(file);
    if (family == nullptr) return fail(describe_missing_tokenizer(file));
    return is_folder && family->open_of_folder != nullptr ? family->open_of_folder(file) : family->open(file);
}

Result<TokenizedText> Tokenizer::encode_pair(std::string_view, std::string_view, bool) const {
    return fail(ErrorKind::Unsupported,
                "the tokenizer {} ({}) has no form for two texts: nothing in its files says what stands "
                "between them; give one text",
                family(), source());
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
