// Paths of MemoryFile, for readers that otherwise go by a file's name.
#pragma once

#include <string_view>

namespace headlight {

/// Memory has no name whose ending could say what it holds: its first bytes must.
inline bool is_memory_path(std::string_view path) {
    return path.starts_with("/proc/self/fd/");
}

}  // namespace headlight
