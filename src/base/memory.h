// How much memory this machine has left, and how much this program holds.
#pragma once

#include <cstdint>

namespace headlight {

/// Bytes that can be had without swapping; the largest number there is where the system does not say.
std::uint64_t available_memory();
/// Bytes of this program that lie in memory now; 0 where the system does not say.
std::uint64_t resident_memory();

}  // namespace headlight
