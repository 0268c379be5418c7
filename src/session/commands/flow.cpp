#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "flow [shares|rollout]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const std::string& now = context.session.snapshot().settings.flow_mode;
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"shares", "rollout"}, now, kUsage));
    context.session.update_settings([&](Settings& settings) { settings.flow_mode = choice; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_flow = {
    "flow", "Flow plot", "Shows the shares per layer, or the rollout from the chosen token.",
    kUsage, "",          "Analyse",
    false,  run};

}  // namespace headlight
