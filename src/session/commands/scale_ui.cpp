#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "scale_ui FACTOR|auto";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    double factor = 0;  // 0: follow the monitor
    if (arguments[0] != "auto") {
        HEADLIGHT_TRY(factor, parse_number(arguments[0], "FACTOR", 0.5, 4));
    }
    context.session.update_settings([&](Settings& settings) { settings.ui_scale = factor; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_scale_ui = {
    "scale_ui",
    "Interface size",
    "Sets the size of the interface, or lets it follow the monitor.",
    kUsage,
    "",
    "View",
    true,
    run};

}  // namespace headlight
