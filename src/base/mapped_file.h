// A file mapped read-only into memory. The length is taken once, when mapping; whoever has read asks
// check_unchanged().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/mapping_guard.h"
#include "base/result.h"

namespace headlight {

class MappedFile {
  public:
    /// Maps the whole file. Errors: Missing (no such file), Unsupported (not a regular file), Corrupt
    /// (empty).
    static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& path() const { return path_; }
    std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }
    std::size_t size_bytes() const { return size_bytes_; }

    /// Are the bytes still those that were mapped? Asked after reading, before anything that was read is
    /// used: other programs may cut the file off or write into it, and then bytes() holds zeros or a mixture.
    /// One question to the system. Errors: Corrupt (shorter, written to, or the disk did not give it).
    Status check_unchanged() const;

    /// Fetches the pages of `part`, which lies in bytes(), from the disk and into this program's tables, on
    /// the calling thread: whoever reads them later waits for nothing. In steps; after each of them `go_on`
    /// is told how many bytes came with it, and may end the work. What cannot be fetched is left for whoever
    /// reads it.
    void populate(std::span<const std::byte> part, const std::function<bool(std::size_t)>& go_on) const;

  private:
    MappedFile() = default;
    std::string path_;
    int descriptor_ = -1;
    const std::byte* data_ = nullptr;
    std::size_t size_bytes_ = 0;
    std::int64_t modified_ns_ = 0;
    std::optional<MappingGuard> guard_;
};

/// The bytes of a whole regular file in memory, as they are. Errors: Missing, Unsupported (not a regular
/// file), InvalidInput when longer than `max_bytes`. Texts of people: read_text().
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes = std::size_t{1} << 30);

/// Up to `count` bytes from the beginning of a regular file; empty for anything else. Never waits and never
/// fails.
std::string first_bytes(const std::string& path, std::size_t count);

/// Is the path no pipe, socket or device, whose opening or reading would wait or never end? True for one that
/// is not there. Errors: Unsupported.
Status check_not_special(const std::string& path);

}  // namespace headlight
