// A file mapped read-only into memory. The length is taken once, when mapping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace headlight {

class MappedFile {
  public:
    /// Maps the whole file. Errors: Missing (no such file), Unsupported (not a regular file), Corrupt (empty).
    static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::string& path() const { return path_; }
    std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }
    std::size_t size_bytes() const { return size_bytes_; }

  private:
    MappedFile() = default;
    std::string path_;
    int descriptor_ = -1;
    const std::byte* data_ = nullptr;
    std::size_t size_bytes_ = 0;
};

/// Whole text file in memory. Errors: Missing; InvalidInput when longer than `max_bytes`.
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace headlight
