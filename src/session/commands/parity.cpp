#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "parity [FILE]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 1, kUsage));
    if (arguments.empty()) {
        context.shell.show_reference_dialog();
        return {};
    }
    HEADLIGHT_CHECK(context.shell.show_view("parity"));
    context.session.start_parity(with_home(arguments[0]));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_parity = {
    "parity",
    "Compare with a reference",
    "Compares the model's attention with a file of another program's, layer by layer.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
