#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "screenshot PATH";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    return context.shell.screenshot(arguments[0]);
}

}  // namespace

extern const CommandDescriptor k_command_screenshot = {"screenshot",
                                                       "Save a picture of the window",
                                                       "Writes the window as a PNG file.",
                                                       kUsage,
                                                       "",
                                                       "File",
                                                       true,
                                                       run};

}  // namespace headlight
