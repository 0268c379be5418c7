// A single array of NumPy: attention alone.

#include "base/mapped_file.h"
#include "io/attention/npy_contents.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    const std::string first = first_bytes(path, 8);
    return first.size() == 8 && looks_like_npy(std::as_bytes(std::span(first)));
}

Result<DumpContents> read(const std::string& path) {
    DumpContents contents;
    HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
    contents.arrays.path = path;
    contents.arrays.files.push_back(mapped);
    auto array = read_npy(mapped->bytes(), "attention", path, 0);
    if (!array) return fail(std::move(array).error());
    HEADLIGHT_CHECK(add_npy(std::move(array), "attention", contents));
    return contents;
}

}  // namespace

extern const DumpFormat k_dump_npy = {"npy", "NumPy array", ".npy", can_open, read, nullptr};

}  // namespace headlight
