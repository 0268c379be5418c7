#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "gamma VALUE";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    HEADLIGHT_TRY(const double gamma, parse_number(arguments[0], "VALUE", 0.1, 4));
    context.session.update_settings([&](Settings& settings) { settings.gamma = gamma; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_gamma = {
    "gamma",
    "Gamma of weights",
    "Sets the exponent of the colours on the linear scale; below 1 shows small weights.",
    kUsage,
    "",
    "View",
    true,
    run};

}  // namespace headlight
