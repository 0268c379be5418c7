#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "palette";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.open_palette();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_palette = {
    "palette", "Command palette", "Lists all commands to search and run.", kUsage, "Ctrl+P", "View", false,
    run};

}  // namespace headlight
