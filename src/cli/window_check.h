// Can this machine show the window? Tried in a process of its own: a broken GL driver may take the process
// with it.
#pragma once

#include "cli/self_checks.h"

namespace headlight {

CheckOutcome check_window();

}  // namespace headlight
