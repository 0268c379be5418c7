// A zip archive of a stranger: names and places of its members, checked against the file. Nothing is unpacked
// to disk.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"

namespace headlight {

struct ZipMember {
    std::string name;
    std::uint64_t offset_bytes = 0;  // of its data in the archive
    std::uint64_t stored_bytes = 0;  // in the archive
    std::uint64_t length_bytes = 0;  // unpacked
    std::uint32_t crc = 0;
    bool is_stored = true;  // not compressed: the bytes can be used where they lie
};

class ZipArchive {
  public:
    /// Empty: no file, no members.
    ZipArchive() = default;
    /// Reads the directory. Errors: Corrupt (no directory, a member outside the file, two members of one
    /// name), Unsupported (encrypted, another compression than deflate, more than 65,536 members).
    static Result<ZipArchive> open(std::shared_ptr<const MappedFile> file);

    const std::string& path() const { return file_->path(); }
    const std::vector<ZipMember>& members() const { return members_; }
    /// Null if there is none of that name.
    const ZipMember* find(std::string_view name) const;
    /// The only member whose name ends so; null if there is none or more than one.
    const ZipMember* find_ending(std::string_view ending) const;

    /// The member's bytes as they lie in the archive.
    std::span<const std::byte> raw(const ZipMember& member) const;
    /// Unpacked and checked. Errors: Corrupt (checksum, length), InvalidInput (more than `max_bytes`).
    Result<std::string> read(const ZipMember& member, std::size_t max_bytes) const;
    /// Checks the sum of a stored member without copying it. Errors: Corrupt.
    Status check(const ZipMember& member) const;

  private:
    std::shared_ptr<const MappedFile> file_;
    std::vector<ZipMember> members_;
};

}  // namespace headlight
