#include <cstdlib>

#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "open PATH";

// "~/models" as a shell would read it.
std::string with_home(const std::string& path) {
    const char* home = std::getenv("HOME");
    const bool is_short = path == "~" || path.compare(0, 2, "~/") == 0;
    return is_short && home != nullptr ? home + path.substr(1) : path;
}

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    context.session.open(with_home(arguments[0]));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_open = {
    "open",
    "Open model",
    "Opens a checkpoint folder, a file in it, an attention dump, an atlas, or the log of a training run.",
    kUsage,
    "",
    "File",
    true,
    run};

}  // namespace headlight
