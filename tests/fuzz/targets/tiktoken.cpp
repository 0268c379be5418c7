// gpt2.tiktoken of WordPiece.
#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const auto opened = open_tokenizer(path);
    if (!opened) return fail(opened.error());
    return use_tokenizer(**opened);
}

}  // namespace

extern const FuzzTarget k_fuzz_tiktoken;
const FuzzTarget k_fuzz_tiktoken = {"gpt2.tiktoken", "vocab.txt", read};

}  // namespace headlight::fuzz
