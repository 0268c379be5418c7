#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "focus_text";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.focus_text();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_focus_text = {
    "focus_text", "Edit the text", "Puts the keyboard in the text box.", kUsage, "Ctrl+L", "Edit", false,
    run};

}  // namespace headlight
