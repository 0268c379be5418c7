// A file of torch.save in either form, with the state dict in it.
#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const auto opened = open_checkpoint(path);
    if (!opened) return fail(opened.error());
    return read_every_tensor(**opened);
}

}  // namespace

extern const FuzzTarget k_fuzz_torch_file = {"torch_file", "model.pt", read};

}  // namespace headlight::fuzz
