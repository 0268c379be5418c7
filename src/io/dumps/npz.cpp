// Arrays of NumPy in a zip archive, stored or deflated (savez, savez_compressed).
#include <algorithm>

#include "base/mapped_file.h"
#include "io/attention/npy_contents.h"
#include "io/zip_archive.h"

namespace headlight {
namespace {

constexpr std::size_t kMostUnpacked = std::size_t{16} << 30;
constexpr std::string_view kEnding = ".npy";

bool can_open(const std::string& path) {
    if (first_bytes(path, 4) != "PK\x03\x04") return false;
    auto mapped = MappedFile::open(path);
    if (!mapped) return false;
    const auto archive = ZipArchive::open(std::move(*mapped));
    // A damaged archive of that name is still one: the error is then about it.
    if (!archive) return path.ends_with(".npz");
    const auto& members = archive->members();
    return !members.empty() && std::all_of(members.begin(), members.end(), [](const ZipMember& member) {
        return member.name.ends_with(kEnding);
    });
}

/// Uncompressed numbers are used where they lie in the archive.
Result<NpyArray> read_stored(const ZipArchive& archive, const ZipMember& member, const std::string& name) {
    HEADLIGHT_CHECK(archive.check(member));
    HEADLIGHT_TRY(NpyArray array, read_npy(archive.raw(member), name, archive.path(), member.offset_bytes));
    if (!array.tensor.copy) array.tensor.offset_bytes += member.offset_bytes;
    return array;
}

Result<NpyArray> read_packed(const ZipArchive& archive, const ZipMember& member, const std::string& name) {
    HEADLIGHT_TRY(const std::string bytes, archive.read(member, kMostUnpacked));
    const auto view = std::as_bytes(std::span(bytes));
    HEADLIGHT_TRY(NpyArray array, read_npy(view, name, archive.path(), member.offset_bytes));
    if (!array.is_text && !array.tensor.copy) {
        const auto numbers = view.subspan(array.tensor.offset_bytes, array.tensor.length_bytes);
        array.tensor.copy = std::make_shared<std::vector<std::byte>>(numbers.begin(), numbers.end());
    }
    return array;
}

Result<DumpContents> read(const std::string& path) {
    DumpContents contents;
    HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
    HEADLIGHT_TRY(const ZipArchive archive, ZipArchive::open(mapped));
    contents.arrays.path = path;
    contents.arrays.files.push_back(std::move(mapped));
    for (const ZipMember& member : archive.members()) {
        if (!member.name.ends_with(kEnding)) continue;
        const std::string name = member.name.substr(0, member.name.size() - kEnding.size());
        auto array =
            member.is_stored ? read_stored(archive, member, name) : read_packed(archive, member, name);
        HEADLIGHT_CHECK(add_npy(std::move(array), name, contents));
    }
    return contents;
}

/// Names from the directory, shapes are not known.
Result<DumpContents> peek(const std::string& path) {
    DumpContents contents;
    HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
    HEADLIGHT_TRY(const ZipArchive archive, ZipArchive::open(mapped));
    contents.arrays.files.push_back(std::move(mapped));
    for (const ZipMember& member : archive.members()) {
        TensorInfo info;
        info.name = member.name.substr(0, member.name.size() - std::min(member.name.size(), kEnding.size()));
        contents.arrays.tensors.push_back(std::move(info));
    }
    return contents;
}

}  // namespace

extern const DumpFormat k_dump_npz = {"npz", "NumPy archive", ".npz", can_open, read, peek};

}  // namespace headlight
