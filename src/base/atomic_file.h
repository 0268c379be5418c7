// Files that appear whole or not at all: written beside the target, synced, then renamed over it.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headlight {

/// Writes `bytes` to `path`, replacing it in one step; the new file has the old one's permissions and owner.
/// Creates the folder. A link stays, and the file that it leads to is replaced; a pipe, a device or a
/// descriptor of this process (/dev/stdout, /dev/fd/3) is written to as it is. A failure leaves the old file
/// and no temporary, and what killed writers left in the folder is removed. Errors: Internal with the
/// system's words.
Status write_file_atomic(const std::string& path, std::string_view bytes);

/// The same for writers that produce their bytes piece by piece, or that insist on a path of their own:
/// `write(temporary_path)` fills the file, which is there and empty, and is then renamed.
Status write_file_atomic(const std::string& path,
                         const std::function<Status(const std::string& temporary)>& write);

}  // namespace headlight
