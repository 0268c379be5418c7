// Ranked byte strings as OpenAI's tiktoken reads them; the pair that makes the token of lowest rank merges
// first.
#include "tokenize/files/tiktoken_file.h"
#include "tokenize/files/tokenizer_files.h"

namespace headlight {
namespace {

constexpr const char* kId = "tiktoken";

bool can_open(const std::string& path) {
    if (!is_regular_file(path)) return false;
    return path.ends_with(".tiktoken") || (path.ends_with(".model") && looks_like_tiktoken(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    return open_tiktoken(path, kId);
}

}  // namespace

extern const TokenizerFamily k_tokenizer_tiktoken = {
    kId, "tiktoken (ranked bytes)", "*.tiktoken; tokenizer.model of Llama 3", can_open, open};

}  // namespace headlight
