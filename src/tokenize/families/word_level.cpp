// WordLevel in tokenizer.json: a word is a token, or unknown.
#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "word_level";

bool can_open(const std::string& path) {
    return tokenizer_json_kind(path) == TokenizerJsonKind::WordLevel;
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_in_folder(tokenizer_json_path(path), kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_word_level = {kId, "whole words", "tokenizer.json (WordLevel)",
                                                       can_open, open};

}  // namespace headlight
