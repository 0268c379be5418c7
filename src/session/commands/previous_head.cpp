#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "previous_head";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    return move_head(context, 0, -1);
}

}  // namespace

extern const CommandDescriptor k_command_previous_head = {
    "previous_head",
    "Previous head",
    "Chooses the head to the left; before the first one the last of the layer below.",
    kUsage,
    "Left",
    "Edit",
    false,
    run};

}  // namespace headlight
