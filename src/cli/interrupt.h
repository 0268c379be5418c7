// Ctrl-C: the first asks the running work to stop, the second ends the program at once.
#pragma once

#include <stop_token>

namespace headlight {

/// Installs the handlers (SIGINT, SIGTERM) on the first call. The token is stopped by the first signal.
std::stop_token interrupt_token();

/// Gives the signals back to the system: for the window, which nothing waits for but its own end.
void release_interrupt();

}  // namespace headlight
