#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "metrics [head|layer|model]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const std::string& now = context.session.snapshot().settings.metrics_scope;
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"head", "layer", "model"}, now, kUsage));
    context.session.update_settings([&](Settings& settings) { settings.metrics_scope = choice; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_metrics = {
    "metrics",
    "Scope of metrics",
    "Shows the metrics of the chosen head, its layer or the whole model.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
