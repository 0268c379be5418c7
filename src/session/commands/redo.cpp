#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "redo";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.session.redo();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_redo = {
    "redo", "Redo", "Does again what was taken back.", kUsage, "Ctrl+Shift+Z", "Edit", false, run};

}  // namespace headlight
