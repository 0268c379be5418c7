// How much memory this machine has left for this program, and how much this program holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace headlight {

/// Bytes that can be had without swapping: what the machine has left, or what a container or another control
/// group (versions 1 and 2) still lets this process take, whichever is less. Cached files count as free,
/// since the system gives them up. The largest number there is where the system does not say. `root`: the
/// folder that /proc and /sys/fs/cgroup lie in.
std::uint64_t available_memory(const std::string& root = {});
/// Bytes of this program that lie in memory now; 0 where the system does not say.
std::uint64_t resident_memory();

/// Makes the allocator take `bytes` at once, in large pages where the system gives them: what this thread
/// allocates next is cut from them. For work that is known to allocate very many small things.
void reserve_heap(std::size_t bytes);

}  // namespace headlight
