#include <algorithm>

#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "flow_method [rollout|value_weighted|max_flow]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const std::string& now = context.session.snapshot().settings.flow_method;
    std::vector<std::string> words(arguments.begin(), arguments.end());
    for (std::string& word : words)
        std::replace(word.begin(), word.end(), '-', '_');
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(words, {"rollout", "value_weighted", "max_flow"}, now, kUsage));
    context.session.update_settings([&](Settings& settings) {
        settings.flow_method = choice;
        settings.flow_mode = "rollout";
    });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_flow_method = {
    "flow_method",
    "Flow method",
    "Follows attention through the layers by rollout, value-weighted rollout or maximum flow.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
