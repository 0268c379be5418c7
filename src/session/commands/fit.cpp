#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "fit";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.fit_heatmap();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_fit = {
    "fit", "Fit the heatmap", "Shows the whole heatmap.", kUsage, "F", "View", false, run};

}  // namespace headlight
