#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "cancel";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.session.cancel();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_cancel = {
    "cancel", "Cancel", "Stops the running job; what is shown stays.", kUsage, "Escape", "Analyse",
    false,    run};

}  // namespace headlight
