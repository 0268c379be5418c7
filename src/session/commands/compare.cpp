#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "compare [before|after|difference]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const Compare now = context.session.snapshot().compare;
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(arguments, {"before", "after", "difference"}, to_string(now), kUsage));
    context.session.set_compare(choice == "before"  ? Compare::Before
                                : choice == "after" ? Compare::After
                                                    : Compare::Difference);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_compare = {
    "compare",
    "Compare ablation",
    "Shows the unchanged run, the one with replaced attention, or after minus before.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
