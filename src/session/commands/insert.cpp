#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "insert \"TEXT\"";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    if (arguments.empty()) HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_text(context.session.snapshot().typed_text + join(arguments));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_insert = {
    "insert", "Append to the text", "Appends to the text in the box and runs it.", kUsage, "", "Edit", true,
    run};

}  // namespace headlight
