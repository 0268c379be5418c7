// Ranked bytes, under the name of GPT-2's words.
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

extern const FuzzTarget k_fuzz_tiktoken = {"tiktoken", "gpt2.tiktoken", read};

}  // namespace headlight::fuzz
