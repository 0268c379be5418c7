#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "text \"TEXT\"";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    if (arguments.empty()) HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_text(join(arguments));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_text = {
    "text",
    "Set the text",
    "Puts a text in the box and runs it; quote it to keep spaces and \\n.",
    kUsage,
    "",
    "Edit",
    true,
    run};

}  // namespace headlight
