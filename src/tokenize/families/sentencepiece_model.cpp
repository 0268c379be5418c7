// SentencePiece .model files, by the SentencePiece library.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tokenize/sentencepiece_tokenizer.h"
#include "tokenize/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kNames[] = {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"};

// Classes whose ids are those of the model file. Others shift or lowercase, and a wrong id is worse than
// none.
constexpr const char* kPlainClasses[] = {"Llama", "CodeLlama", "Gemma", "T5", "Mistral"};

std::string model_in(const std::string& folder) {
    for (const char* name : kNames) {
        const std::string file = (std::filesystem::path(folder) / name).string();
        if (is_regular_file(file)) return file;
    }
    return {};
}

bool keeps_ids(const std::string& folder) {
    const auto config = read_tokenizer_config(folder);
    const std::string name =
        config.contains("tokenizer_class") ? token_content(config["tokenizer_class"]) : std::string();
    return name.empty() || std::any_of(std::begin(kPlainClasses), std::end(kPlainClasses),
                                       [&](const char* known) { return name.starts_with(known); });
}

std::string model_path(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_directory(path, code)) return path.ends_with(".model") ? path : std::string();
    const TokenizerJsonKind kind = tokenizer_json_kind(path);
    const bool may_read = kind == TokenizerJsonKind::None || kind == TokenizerJsonKind::Other;
    return may_read && keeps_ids(path) ? model_in(path) : std::string();
}

bool can_open(const std::string& path) {
    return is_regular_file(model_path(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_sentencepiece(model_path(path));
}

}  // namespace

extern const TokenizerFamily k_tokenizer_sentencepiece_model;
const TokenizerFamily k_tokenizer_sentencepiece_model = {
    "sentencepiece_model", "SentencePiece",
    "tokenizer.model, spiece.model, sentencepiece.bpe.model, spm.model, *.model", can_open, open};

}  // namespace headlight
