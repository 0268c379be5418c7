// Keeps the program alive when the file behind a mapping is cut off or its disk goes away: the range reads as
// zeros and is marked, where the system would end the process with SIGBUS.
#pragma once

#include <cstddef>

namespace headlight {

class MappingGuard {
  public:
    /// Watches a mapping, from a page's beginning on, until destroyed. The first guard of the process
    /// installs the signal handler; faults that are not ours go on to the handler that was there before.
    MappingGuard(const void* begin, std::size_t size_bytes);
    ~MappingGuard();
    MappingGuard(const MappingGuard&) = delete;
    MappingGuard& operator=(const MappingGuard&) = delete;

    /// Has some thread read where the file could give nothing? What was read then, or later, may be zeros.
    bool is_damaged() const;

  private:
    struct Slot;
    friend struct MappingSlots;
    Slot* slot_;
};

}  // namespace headlight
