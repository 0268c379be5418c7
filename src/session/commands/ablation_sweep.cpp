#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "ablation_sweep [MODE]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 1, kUsage));
    InterventionMode mode = InterventionMode::ZeroOutput;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(mode, parse_ablation_mode(arguments[0]));
    }
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    context.session.start_sweep(mode);
    context.session.update_settings([](Settings& settings) { settings.grid_tint = kAblationTint; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_ablation_sweep = {
    "ablation_sweep",
    "Sweep over all heads",
    "Replaces every head in turn and ranks them by what that does to the loss; zero output if no mode is "
    "named.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
