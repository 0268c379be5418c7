#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "numbers [on|off]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const char* now = context.session.snapshot().settings.shows_numbers ? "on" : "off";
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"on", "off"}, now, kUsage));
    context.session.update_settings([&](Settings& settings) { settings.shows_numbers = choice == "on"; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_numbers = {"numbers",
                                                    "Numbers in cells",
                                                    "Shows or hides the percentages in large cells.",
                                                    kUsage,
                                                    "",
                                                    "View",
                                                    false,
                                                    run};

}  // namespace headlight
