// A safetensors file as a checkpoint and as a dump of attention.
#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"
#include "io/attention/attention_dump.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    if (looks_like_attention_dump(path)) {
        if (const auto dump = read_attention_dump(path); !dump) return fail(dump.error());
    }
    const auto opened = open_checkpoint(path);
    if (!opened) return fail(opened.error());
    return read_every_tensor(**opened);
}

}  // namespace

extern const FuzzTarget k_fuzz_safetensors = {"safetensors", "model.safetensors", read};

}  // namespace headlight::fuzz
