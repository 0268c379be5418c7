// Attention that another program wrote as .npz.
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

extern const FuzzTarget k_fuzz_npz = {"npz", "attention.npz", read};

}  // namespace headlight::fuzz
