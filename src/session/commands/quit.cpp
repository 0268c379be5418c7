#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "quit";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.quit();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_quit = {
    "quit", "Quit", "Closes the window.", kUsage, "Ctrl+Q", "File", false, run};

}  // namespace headlight
