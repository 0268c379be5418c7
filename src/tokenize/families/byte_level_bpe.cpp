// Byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM ...): tokenizer.json, or vocab.json + merges.txt.
#include <filesystem>

#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "byte_level_bpe";

// A folder with both files, or one of the two named itself.
bool has_vocab_and_merges(const std::string& path) {
    const std::string folder = tokenizer_folder(path);
    const std::string name = std::filesystem::path(path).filename().string();
    const bool is_ours = folder == path || name == "vocab.json" || name == "merges.txt";
    return is_ours && is_regular_file(folder + "/vocab.json") && is_regular_file(folder + "/merges.txt");
}

bool can_open(const std::string& path) {
    const TokenizerJsonKind kind = tokenizer_json_kind(path);
    return kind == TokenizerJsonKind::ByteLevelBpe ||
           (kind == TokenizerJsonKind::None && has_vocab_and_merges(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = tokenizer_json_path(path);
    return open_in_folder(file.empty() ? tokenizer_folder(path) + "/vocab.json" : file, kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_byte_level_bpe = {
    kId, "Byte-level BPE", "tokenizer.json (BPE, byte-level); vocab.json + merges.txt", can_open, open};

}  // namespace headlight
