#include "kernel/block_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace headlight {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kSlabBytes = std::size_t{16} << 20;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

}  // namespace

BlockPool::~BlockPool() {
    for (const auto& [memory, bytes] : slabs_)
        munmap(memory, bytes);
}

std::size_t BlockPool::rounded(std::size_t bytes) {
    const std::size_t unit = std::max(kAlignment, std::bit_floor(std::max<std::size_t>(bytes, 1)) / 16);
    return round_up(std::max(bytes, kAlignment), unit);
}

void* BlockPool::carve(std::size_t bytes) {
    if (bytes > left_) {
        const std::size_t slab = round_up(std::max(bytes, kSlabBytes), kHugePage);
        void* memory = mmap(nullptr, slab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        madvise(memory, slab, MADV_HUGEPAGE);  // 512 times fewer faults where the system allows it
        slabs_.emplace_back(static_cast<std::byte*>(memory), slab);
        next_ = static_cast<std::byte*>(memory);
        left_ = slab;
    }
    std::byte* out = next_;
    next_ += bytes;
    left_ -= bytes;
    return out;
}

void* BlockPool::take(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    const std::lock_guard lock(mutex_);
    if (const auto found = free_.find(size); found != free_.end() && !found->second.empty()) {
        void* memory = found->second.back();
        found->second.pop_back();
        return memory;
    }
    return carve(size);
}

void BlockPool::give(void* memory, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    free_[rounded(bytes)].push_back(memory);
}

}  // namespace headlight
