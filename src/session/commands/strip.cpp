#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "strip [gives|receives]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const std::string& now = context.session.snapshot().settings.strip_direction;
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"gives", "receives"}, now, kUsage));
    context.session.update_settings([&](Settings& settings) { settings.strip_direction = choice; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_strip = {
    "strip",
    "Token strip",
    "Tints the tokens by the attention that the chosen one gives or receives.",
    kUsage,
    "",
    "View",
    false,
    run};

}  // namespace headlight
