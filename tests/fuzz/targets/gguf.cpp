// A GGUF file: tensors of every block type, config and tokenizer from its metadata.
#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const auto tokenizer = open_tokenizer(path);
    if (tokenizer) HEADLIGHT_CHECK(use_tokenizer(**tokenizer));
    const auto opened = open_checkpoint(path);
    if (opened) return read_every_tensor(**opened);
    if (tokenizer) return {};  // a vocabulary without weights
    return fail(opened.error());
}

}  // namespace

extern const FuzzTarget k_fuzz_gguf = {"gguf", "model.gguf", read};

}  // namespace headlight::fuzz
