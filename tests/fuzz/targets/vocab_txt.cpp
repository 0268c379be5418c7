// vocab.txt of WordPiece.
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

extern const FuzzTarget k_fuzz_vocab_txt = {"vocab_txt", "vocab.txt", read};

}  // namespace headlight::fuzz
