// Attention that another program wrote as .npy.
#include "fuzz/fuzz_target.h"
#include "io/attention/attention_dump.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    looks_like_attention_dump(path);
    const auto dump = read_attention_dump(path);
    if (!dump) return fail(dump.error());
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_npy = {"npy", "attention.npy", read};

}  // namespace headlight::fuzz
