#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "weights [linear|log]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const auto now = context.session.snapshot().settings.weight_scale;
    const char* word = now == WeightScale::Log ? "log" : "linear";
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"linear", "log"}, word, kUsage));
    const auto next = choice == "log" ? WeightScale::Log : WeightScale::Linear;
    context.session.update_settings([&](Settings& settings) { settings.weight_scale = next; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_weights = {"weights",
                                                    "Scale of weights",
                                                    "Colours weights on a linear or a logarithmic scale.",
                                                    kUsage,
                                                    "",
                                                    "View",
                                                    false,
                                                    run};

}  // namespace headlight
