// SentencePiece .model files, by the SentencePiece library.
#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/sentencepiece_tokenizer.h"
#include "tokenize/files/tiktoken_file.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    return path.ends_with(".model") && is_regular_file(path) && !looks_like_tiktoken(path);
}

Result<TokenizerPtr> open_folders_own(const std::string& path) {
    return open_in_folder(path, kSentencePieceFamily);
}

Result<TokenizerPtr> open(const std::string& path) {
    return has_tokenizer_settings(tokenizer_folder(path)) ? open_folders_own(path)
                                                          : open_sentencepiece_alone(path);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_sentencepiece_model = {
    kSentencePieceFamily,
    "SentencePiece",
    "tokenizer.model, spiece.model, sentencepiece.bpe.model, spm.model, sentencepiece.model, *.model",
    can_open,
    open,
    open_folders_own};

}  // namespace headlight
