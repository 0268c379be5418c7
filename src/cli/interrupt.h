// Ctrl-C: the first asks the running work to stop, the second ends the program at once.
#pragma once

#include <stop_token>

namespace headlight {

/// Installs the handlers (SIGINT, SIGTERM) on the first call. The token is stopped by the first signal.
std::stop_token interrupt_token();

}  // namespace headlight
