// ByT5 and Perceiver: a byte is a token, and no vocabulary file exists; tokenizer_config.json (or
// config.json) names the class.
#include <filesystem>

#include "tokenize/files/folder_tokenizer.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "plain_bytes";

bool can_open(const std::string& path) {
    const auto name = std::filesystem::path(path).filename();
    const bool is_settings = name == "tokenizer_config.json" || name == "config.json";
    return is_settings && is_regular_file(path) && needs_no_vocabulary(tokenizer_folder(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_in_folder(path, kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_plain_bytes = {
    kId, "Bytes (ByT5, Perceiver)", "tokenizer_config.json of ByT5 or Perceiver", can_open, open};

}  // namespace headlight
