// WordPiece (BERT, DistilBERT, ELECTRA, MPNet ...): tokenizer.json, or vocab.txt with what BERT's own
// tokenizer class implies.
#include <filesystem>

#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "word_piece";

std::string vocab_txt(const std::string& path) {
    const bool is_named = std::filesystem::path(path).filename() == "vocab.txt";
    const std::string file =
        is_named ? path : (std::filesystem::path(tokenizer_folder(path)) / "vocab.txt").string();
    const bool is_ours = is_named || tokenizer_folder(path) == path;
    return is_ours && is_regular_file(file) ? file : std::string();
}

bool can_open(const std::string& path) {
    const TokenizerJsonKind kind = tokenizer_json_kind(path);
    return kind == TokenizerJsonKind::WordPiece ||
           (kind == TokenizerJsonKind::None && !vocab_txt(path).empty());
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = tokenizer_json_path(path);
    return open_in_folder(file.empty() ? vocab_txt(path) : file, kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_word_piece = {
    kId, "WordPiece (BERT)", "tokenizer.json (WordPiece); vocab.txt", can_open, open};

}  // namespace headlight
