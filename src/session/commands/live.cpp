#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "live";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.make_live();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_live = {
    "live",
    "Load the model",
    "Loads the model of the stored trace that is shown, so that texts can be run.",
    kUsage,
    "",
    "File",
    false,
    run};

}  // namespace headlight
