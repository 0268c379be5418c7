// Where windows have their sockets.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// The folder of the windows' sockets: $XDG_RUNTIME_DIR/headlight, else one of this user under the folder for
/// temporary files; made with mode 0700. Errors: Unsupported where it belongs to somebody else or others may
/// enter it.
Result<std::string> runtime_folder();
/// Of the window of this process: window-<process>.sock in that folder. Errors: those of runtime_folder().
Result<std::string> own_socket_path();
/// Those of living windows, newest first. What dead processes left behind is removed. None where there is no
/// folder.
std::vector<std::string> window_sockets();
/// `chosen`, else $HEADLIGHT_SOCKET, else the newest window's. Errors: Missing where no window runs.
Result<std::string> find_socket(const std::string& chosen);

}  // namespace headlight
