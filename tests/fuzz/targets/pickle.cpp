// A pickle alone, with the arrays in it: inside a zip file its checksum would keep nearly every change out.
#include "io/torch/pickle.h"
#include "base/mapped_file.h"
#include "fuzz/fuzz_target.h"
#include "io/torch/pickled_array.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(path));
    const auto tree = read_pickle(std::as_bytes(std::span(bytes)), path, 0);
    if (!tree) return fail(tree.error());
    for (const PickleNode& node : tree->nodes) {
        if (node.kind == PickleKind::Array) HEADLIGHT_CHECK(pickled_array(*tree, node, "array", path));
    }
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_pickle = {"pickle", "data.pkl", read};

}  // namespace headlight::fuzz
