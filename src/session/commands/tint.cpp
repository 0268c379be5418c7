#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "tint METRIC|ablation_effect|none";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    if (arguments[0] == kAblationTint) {
        context.session.update_settings([](Settings& settings) { settings.grid_tint = kAblationTint; });
        return {};
    }
    HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "none"));
    context.session.update_settings([&](Settings& settings) { settings.grid_tint = metric; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_tint = {
    "tint", "Tint heads", "Tints the head grid by a metric, or by what replacing each head does.",
    kUsage, "",           "View",
    true,   run};

}  // namespace headlight
