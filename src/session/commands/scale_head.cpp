#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "scale_head FACTOR";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    Intervention change;
    change.mode = InterventionMode::Scale;
    HEADLIGHT_TRY(change.factor, parse_number(arguments[0], "FACTOR", -10, 10));
    HEADLIGHT_TRY(change.heads, selected_heads_of(context));
    context.session.add_intervention(std::move(change));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_scale_head = {
    "scale_head",
    "Scale head output",
    "Multiplies what the chosen heads add; 1 changes nothing, 0 takes it away.",
    kUsage,
    "",
    "Analyse",
    true,
    run};

}  // namespace headlight
