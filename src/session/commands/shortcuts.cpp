#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "shortcuts";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.show_help("shortcuts");
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_shortcuts = {
    "shortcuts", "Keyboard shortcuts", "Lists the keys of all commands.", kUsage, "F1", "Help", false, run};

}  // namespace headlight
