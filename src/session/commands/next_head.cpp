#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "next_head";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    return move_head(context, 0, 1);
}

}  // namespace

extern const CommandDescriptor k_command_next_head = {
    "next_head", "Next head", "Chooses the head to the right; after the last one the next layer's first.",
    kUsage,      "Right",     "Edit",
    false,       run};

}  // namespace headlight
