// Memory for row blocks that is handed out again: a page that was faulted in once stays, so that capturing
// the next text costs no page faults (fresh pages are dear: about half a second a gigabyte).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace headlight {

class BlockPool {
  public:
    BlockPool() = default;
    ~BlockPool();
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    /// Bytes that a request of this size takes: rounded up by at most a sixteenth, so that neighbours share.
    static std::size_t rounded(std::size_t bytes);
    /// Memory of at least `bytes`, aligned to 64, not cleared. Throws std::bad_alloc.
    void* take(std::size_t bytes);
    /// Gives back what take(bytes) gave.
    void give(void* memory, std::size_t bytes);

  private:
    void* carve(std::size_t bytes);

    std::mutex mutex_;
    std::map<std::size_t, std::vector<void*>> free_;         // by rounded size
    std::vector<std::pair<std::byte*, std::size_t>> slabs_;  // from the system
    std::byte* next_ = nullptr;                              // rest of the last slab
    std::size_t left_ = 0;
};

using BlockPoolPtr = std::shared_ptr<BlockPool>;

}  // namespace headlight
