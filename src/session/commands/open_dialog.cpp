#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "open_dialog";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.show_open_dialog();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_open_dialog = {
    "open_dialog", "Open ...", "Shows the dialog that asks for a model or an attention dump.",
    kUsage,        "Ctrl+O",   "File",
    false,         run};

}  // namespace headlight
