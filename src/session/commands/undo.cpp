#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "undo";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.session.undo();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_undo = {
    "undo", "Undo",   "Takes back the last change of text, selection or replaced attention.",
    kUsage, "Ctrl+Z", "Edit",
    false,  run};

}  // namespace headlight
