#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "stop_sweep";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.session.stop_sweep();
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_stop_sweep = {
    "stop_sweep", "Stop sweep", "Ends the sweep; the effects that are known stay.", kUsage, "", "Analyse",
    false,        run};

}  // namespace headlight
