// How much memory this machine has left.
#pragma once

#include <cstdint>

namespace headlight {

/// Bytes that can be had without swapping; the largest number there is where the system does not say.
std::uint64_t available_memory();

}  // namespace headlight
