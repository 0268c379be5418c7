// Memory that is read like a file: what another program sent, without a disk between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headlight {

class MemoryFile {
  public:
    /// Empty memory to append to. Errors: OutOfMemory.
    static Result<std::shared_ptr<MemoryFile>> create(std::string name);
    /// Takes over the descriptor of memory that another process filled and sealed (F_SEAL_SHRINK, F_SEAL_GROW
    /// and F_SEAL_WRITE): nobody can change it any more. The descriptor is closed whatever comes of it.
    /// Errors: InvalidInput (no such memory, not sealed, empty, longer than `most_bytes`).
    static Result<std::shared_ptr<MemoryFile>> adopt(int descriptor, std::string name,
                                                     std::uint64_t most_bytes);
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    /// Errors: OutOfMemory, Internal.
    Status append(std::span<const std::byte> bytes);
    /// From now on it does not change.
    Status seal();

    /// What people call it.
    const std::string& name() const { return name_; }
    /// Opens it in this process, as long as this object lives.
    std::string path() const;
    std::uint64_t size_bytes() const { return size_bytes_; }
    int descriptor() const { return descriptor_; }

  private:
    MemoryFile(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
    int descriptor_;
    std::string name_;
    std::uint64_t size_bytes_ = 0;
};

/// Is it the path of one? Memory has no name whose ending could say what it holds: its first bytes must.
inline bool is_memory_path(std::string_view path) {
    return path.starts_with("/proc/self/fd/");
}

}  // namespace headlight
