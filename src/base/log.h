// Logging: messages and progress go to stderr, results to stdout. Thin names over spdlog.
#pragma once

#include <spdlog/spdlog.h>

namespace headlight::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

/// Sets the process-wide logger: stderr, one line "warning: text". Colour only on a terminal and without
/// NO_COLOR. level: 0 errors only, 1 warnings (default), 2 info, 3 debug.
void configure(int level);

}  // namespace headlight::log
