// BPE over characters with bytes as a last resort, as tokenizer.json holds a SentencePiece BPE model (Llama 1
// and 2, Mistral, Phi-3, Gemma): spaces are "▁", unknown characters are "<0xE2>" ...
#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "byte_fallback_bpe";

bool can_open(const std::string& path) {
    return tokenizer_json_kind(path) == TokenizerJsonKind::ByteFallbackBpe;
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_in_folder(tokenizer_json_path(path), kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_byte_fallback_bpe = {
    kId, "BPE with byte fallback (SentencePiece as tokenizer.json)", "tokenizer.json (BPE without ByteLevel)",
    can_open, open};

}  // namespace headlight
