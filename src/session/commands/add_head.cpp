#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "add_head LAYER HEAD";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments, kUsage));
    context.session.select(head, true);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_add_head = {
    "add_head",
    "Add head to the selection",
    "Adds a head to the chosen ones, or takes it out; the heatmap shows their mean.",
    kUsage,
    "",
    "Edit",
    true,
    run};

}  // namespace headlight
