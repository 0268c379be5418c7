// Bytes between two pages that must not be touched: reading one beside them ends the test.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <span>

namespace headlight::test {

class GuardedMemory {
  public:
    enum class At { FirstByte, LastByte };

    GuardedMemory(std::size_t size, At at) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
        const std::size_t inside = (size + page_ - 1) / page_ * page_;
        length_ = inside + 2 * page_;
        void* mapped = mmap(nullptr, length_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        base_ = static_cast<std::byte*>(mapped);
        if (inside > 0 && mprotect(base_ + page_, inside, PROT_READ | PROT_WRITE) != 0) std::abort();
        data_ = base_ + page_ + (at == At::LastByte ? inside - size : 0);
    }
    GuardedMemory(std::span<const std::byte> bytes, At at) : GuardedMemory(bytes.size(), at) {
        std::memcpy(data_, bytes.data(), bytes.size());
    }
    ~GuardedMemory() { munmap(base_, length_); }
    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;

    std::byte* data() const { return data_; }

  private:
    std::size_t page_, length_ = 0;
    std::byte *base_ = nullptr, *data_ = nullptr;
};

}  // namespace headlight::test
