// tokenizer.json: every step of the pipeline that it can name.
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

extern const FuzzTarget k_fuzz_tokenizer_json = {"tokenizer_json", "tokenizer.json", read};

}  // namespace headlight::fuzz
