#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "next_layer";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    return move_head(context, 1, 0);
}

}  // namespace

extern const CommandDescriptor k_command_next_layer = {
    "next_layer", "Next layer", "Chooses the same head one layer further.", kUsage, "Down", "Edit",
    false,        run};

}  // namespace headlight
