// A subcommand: its options and what it does. One file in subcommands/ and one line in subcommands.def each.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace headlight {

struct SubcommandDescriptor {
    const char* name;
    const char* help;      // one line for the list
    const char* examples;  // shown under --help, one command a line
    /// Adds the options and hands back what to run after parsing. Errors of kind InvalidInput exit with 2,
    /// others with 1.
    std::function<Status()> (*add)(CLI::App& app);
};

/// All of subcommands.def, in that order.
std::span<const SubcommandDescriptor* const> subcommands();

/// Fills `app` with the whole command line: name, version, every subcommand with its options. Hands back what
/// each subcommand runs after parsing; they live as long as `app`.
std::vector<std::pair<CLI::App*, std::function<Status()>>> add_command_line(CLI::App& app);

/// Prints an error as the interface promises: one line "error: ..." on stderr, details under it. An error
/// without a message was said already. Returns the exit code.
int report_error(const Error& error);

/// "0.1.0"
const char* headlight_version();

}  // namespace headlight
