// Marian (Opus-MT): source.spm cuts the text into pieces, vocab.json gives their ids, which are not those of
// the model file.
#include <filesystem>

#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    const std::string vocab = (std::filesystem::path(tokenizer_folder(path)) / "vocab.json").string();
    return path.ends_with(".spm") && is_regular_file(path) && is_regular_file(vocab);
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_python_tokenizer(tokenizer_folder(path), "MarianTokenizer");
}

}  // namespace

extern const TokenizerFamily k_tokenizer_marian = {"marian", "Marian (SentencePiece with its own ids)",
                                                   "source.spm + vocab.json", can_open, open};

}  // namespace headlight
