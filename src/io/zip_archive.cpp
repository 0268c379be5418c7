#include "io/zip_archive.h"

#include <minizip/unzip.h>
#include <zlib.h>

#include <algorithm>
#include <set>

namespace headlight {
namespace {

constexpr std::uint64_t kMostMembers = 65536;
constexpr std::size_t kLongestName = 4096;
constexpr int kStored = 0, kDeflated = 8;
constexpr std::uint64_t kEncryptedFlag = 1;

struct Unzip {
    unzFile handle = nullptr;
    explicit Unzip(const std::string& path) : handle(unzOpen64(path.c_str())) {}
    ~Unzip() {
        if (handle != nullptr) unzClose(handle);
    }
    Unzip(const Unzip&) = delete;
    Unzip& operator=(const Unzip&) = delete;
};

tl::unexpected<Error> corrupt(const MappedFile& file, const std::string& what,
                              const std::string& member = {}) {
    Error error = make_error(ErrorKind::Corrupt, "broken zip archive: {}", what).in_file(file.path());
    error.tensor = member;
    return fail(std::move(error));
}

Result<ZipMember> read_member(unzFile zip, const MappedFile& file) {
    unz_file_info64 info{};
    std::string name(kLongestName, '\0');
    if (unzGetCurrentFileInfo64(zip, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK)
        return corrupt(file, "its directory cannot be read");
    if (info.size_filename >= kLongestName) return corrupt(file, "a member's name is too long");
    name.resize(info.size_filename);
    if ((info.flag & kEncryptedFlag) != 0) {
        return fail(make_error(ErrorKind::Unsupported, "the zip archive is encrypted")
                        .in_file(file.path())
                        .at_tensor(name));
    }
    if (info.compression_method != kStored && info.compression_method != kDeflated) {
        return fail(make_error(ErrorKind::Unsupported,
                               "compression method {} of a zip member is not supported",
                               info.compression_method)
                        .in_file(file.path())
                        .at_tensor(name));
    }
    ZipMember member{name,
                     0,
                     info.compressed_size,
                     info.uncompressed_size,
                     static_cast<std::uint32_t>(info.crc),
                     info.compression_method == kStored};
    // Opening in raw mode checks the member's own header and tells where its data begins.
    int method = 0, level = 0;
    if (unzOpenCurrentFile2(zip, &method, &level, 1) != UNZ_OK)
        return corrupt(file, "a member's header does not agree with the directory", name);
    member.offset_bytes = unzGetCurrentFileZStreamPos64(zip);
    unzCloseCurrentFile(zip);
    const std::uint64_t size = file.size_bytes();
    if (member.offset_bytes > size || member.stored_bytes > size - member.offset_bytes)
        return corrupt(file,
                       fmt::format("a member claims {} bytes past the end of the file", member.stored_bytes),
                       name);
    if (member.is_stored && member.stored_bytes != member.length_bytes)
        return corrupt(file, "an uncompressed member has two lengths", name);
    return member;
}

std::uint32_t crc_of(std::span<const std::byte> bytes) {
    uLong sum = crc32(0L, Z_NULL, 0);
    constexpr std::size_t kStep = std::size_t{1} << 30;
    for (std::size_t begin = 0; begin < bytes.size(); begin += kStep) {
        const auto part = bytes.subspan(begin, std::min(kStep, bytes.size() - begin));
        sum = crc32(sum, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
    }
    return static_cast<std::uint32_t>(sum);
}

// What packs better than this is not taken for more than kAlwaysBytes: attention, tokens and pickles do not,
// and a small archive must not be able to ask for gigabytes.
constexpr std::uint64_t kMostRatio = 100, kAlwaysBytes = std::uint64_t{32} << 20;

Result<std::string> inflate_member(const MappedFile& file, const ZipMember& member,
                                   std::span<const std::byte> packed) {
    if (member.length_bytes > kAlwaysBytes && member.length_bytes / kMostRatio > member.stored_bytes) {
        return fail(make_error(ErrorKind::Unsupported,
                               "a zip member of {} bytes claims to unpack to {}; write it without "
                               "compression if that is true",
                               member.stored_bytes, member.length_bytes)
                        .in_file(file.path())
                        .at_tensor(member.name));
    }
    std::string out(member.length_bytes, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return fail(ErrorKind::Internal, "zlib could not start");
    constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
    std::size_t taken = 0, given = 0;
    int code = Z_OK;
    while (code == Z_OK) {
        const std::size_t in = std::min(kStep, packed.size() - taken),
                          room = std::min(kStep, out.size() - given);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + taken));
        stream.avail_in = static_cast<uInt>(in);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + given);
        stream.avail_out = static_cast<uInt>(room);
        code = inflate(&stream, Z_NO_FLUSH);  // Z_BUF_ERROR once neither moves any more
        taken += in - stream.avail_in;
        given += room - stream.avail_out;
    }
    inflateEnd(&stream);
    if (code != Z_STREAM_END || given != out.size())
        return corrupt(file, "a member cannot be unpacked", member.name);
    return out;
}

}  // namespace

Result<ZipArchive> ZipArchive::open(std::shared_ptr<const MappedFile> file) {
    const Unzip zip(file->path());
    unz_global_info64 info{};
    if (zip.handle == nullptr || unzGetGlobalInfo64(zip.handle, &info) != UNZ_OK)
        return corrupt(*file, "it has no directory at its end; it was cut off or is not a zip archive");
    if (info.number_entry > kMostMembers) {
        return fail(make_error(ErrorKind::Unsupported, "the zip archive has {} members, at most {} are read",
                               info.number_entry, kMostMembers)
                        .in_file(file->path()));
    }
    ZipArchive archive;
    archive.file_ = file;
    int code = info.number_entry == 0 ? UNZ_END_OF_LIST_OF_FILE : unzGoToFirstFile(zip.handle);
    for (; code == UNZ_OK; code = unzGoToNextFile(zip.handle)) {
        HEADLIGHT_TRY(ZipMember member, read_member(zip.handle, *file));
        archive.members_.push_back(std::move(member));
        if (archive.members_.size() > kMostMembers) return corrupt(*file, "its directory does not end");
    }
    if (code != UNZ_END_OF_LIST_OF_FILE) return corrupt(*file, "its directory breaks off");
    std::sort(archive.members_.begin(), archive.members_.end(),
              [](const ZipMember& a, const ZipMember& b) { return a.name < b.name; });
    const auto twin =
        std::adjacent_find(archive.members_.begin(), archive.members_.end(),
                           [](const ZipMember& a, const ZipMember& b) { return a.name == b.name; });
    if (twin != archive.members_.end()) return corrupt(*file, "two members have one name", twin->name);
    return archive;
}

const ZipMember* ZipArchive::find(std::string_view name) const {
    const auto found =
        std::lower_bound(members_.begin(), members_.end(), name,
                         [](const ZipMember& member, std::string_view n) { return member.name < n; });
    return found != members_.end() && found->name == name ? &*found : nullptr;
}

const ZipMember* ZipArchive::find_ending(std::string_view ending) const {
    const ZipMember* found = nullptr;
    for (const ZipMember& member : members_) {
        if (!std::string_view(member.name).ends_with(ending)) continue;
        if (found != nullptr) return nullptr;
        found = &member;
    }
    return found;
}

std::span<const std::byte> ZipArchive::raw(const ZipMember& member) const {
    return file_->bytes().subspan(member.offset_bytes, member.stored_bytes);
}

Result<std::string> ZipArchive::read(const ZipMember& member, std::size_t max_bytes) const {
    if (member.length_bytes > max_bytes || member.stored_bytes > max_bytes) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "a member of the zip archive has {} bytes, at most {} are read",
                               member.length_bytes, max_bytes)
                        .in_file(path())
                        .at_tensor(member.name));
    }
    std::string out;
    if (member.is_stored) {
        const auto bytes = raw(member);
        out.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } else {
        HEADLIGHT_TRY(out, inflate_member(*file_, member, raw(member)));
    }
    if (crc_of(std::as_bytes(std::span(out))) != member.crc)
        return corrupt(*file_, "the checksum of a member is wrong: the file is damaged", member.name);
    return out;
}

Status ZipArchive::check(const ZipMember& member) const {
    if (crc_of(raw(member)) == member.crc) return {};
    Error error = make_error(ErrorKind::Corrupt,
                             "broken zip archive: the checksum of a member is wrong: the file is "
                             "damaged, fetch it again")
                      .in_file(path())
                      .at_tensor(member.name)
                      .at_offset(member.offset_bytes);
    return fail(std::move(error));
}

}  // namespace headlight
