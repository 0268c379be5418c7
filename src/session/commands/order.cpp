#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "order METRIC|layer";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "layer"));
    context.session.update_settings([&](Settings& settings) { settings.grid_order = metric; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_order = {
    "order", "Order heads", "Orders the head grid by a metric, or by layer.", kUsage, "", "View", true, run};

}  // namespace headlight
