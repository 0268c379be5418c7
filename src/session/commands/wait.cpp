// Script::step() does the waiting; anywhere else there is nothing to hold up.
#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "wait";

Status run(CommandContext&, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_wait = {
    "wait", "Wait", "In scripts: goes on when all jobs are done and the window has drawn them.",
    kUsage, "",     "File",
    false,  run};

}  // namespace headlight
