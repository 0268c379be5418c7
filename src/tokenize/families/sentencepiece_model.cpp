// SentencePiece .model files, by the SentencePiece library.
#include "tokenize/sentencepiece_tokenizer.h"
#include "tokenize/tiktoken_file.h"
#include "tokenize/tokenizer_files.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    return path.ends_with(".model") && is_regular_file(path) && !looks_like_tiktoken(path);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_sentencepiece_model;
const TokenizerFamily k_tokenizer_sentencepiece_model = {
    "sentencepiece_model", "SentencePiece",
    "tokenizer.model, spiece.model, sentencepiece.bpe.model, spm.model, *.model", can_open,
    open_sentencepiece};

}  // namespace headlight
