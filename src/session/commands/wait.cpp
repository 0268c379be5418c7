// Script::step() does the waiting; anywhere else there is nothing to hold up.
#include "session/command_arguments.h"
#include "session/script.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "wait [SECONDS]";

Status run(CommandContext&, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 1, kUsage));
    HEADLIGHT_CHECK(wait_limit(arguments));
    return {};
}

}  // namespace

Result<std::chrono::duration<double>> wait_limit(std::span<const std::string> arguments) {
    if (arguments.empty()) return kLongestWait;
    HEADLIGHT_TRY(const double seconds, parse_number(arguments[0], "SECONDS", 0, 86400));
    return std::chrono::duration<double>(seconds);
}

extern const CommandDescriptor k_command_wait = {
    "wait",
    "Wait",
    "In scripts: goes on when all jobs are done and the window has drawn them; ends the script when that "
    "takes longer than SECONDS (600 unless given).",
    kUsage,
    "",
    "File",
    false,
    run};

}  // namespace headlight
