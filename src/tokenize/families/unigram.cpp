// Unigram (T5, ALBERT, XLM-RoBERTa, DeBERTa) in tokenizer.json: the most likely way to spell a word.
#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "unigram";

bool can_open(const std::string& path) {
    return tokenizer_json_kind(path) == TokenizerJsonKind::Unigram;
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_in_folder(tokenizer_json_path(path), kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_unigram = {kId, "Unigram (SentencePiece: T5, ALBERT, XLM-R)",
                                                    "tokenizer.json (Unigram)", can_open, open};

}  // namespace headlight
