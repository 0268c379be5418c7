#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "view NAME";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    return context.shell.show_view(arguments[0]);
}

}  // namespace

extern const CommandDescriptor k_command_view = {
    "view", "Show view", "Shows a view and gives it the keyboard.", kUsage, "", "View", true, run};

}  // namespace headlight
