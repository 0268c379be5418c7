#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "fitting_text";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    if (context.session.use_fitting_text()) return {};
    return fail(ErrorKind::Missing, "no other text is offered: the typed one was not refused");
}

}  // namespace

extern const CommandDescriptor k_command_fitting_text = {
    "fitting_text",
    "Run a text that fits",
    "Runs the text that is offered when the model does not take the typed one; undo brings that back.",
    kUsage,
    "",
    "Edit",
    false,
    run};

}  // namespace headlight
