#include <cctype>

#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "topk [attends|predicts|COUNT]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const Settings& now = context.session.snapshot().settings;
    if (arguments.size() == 1 && std::isdigit(static_cast<unsigned char>(arguments[0].c_str()[0]))) {
        HEADLIGHT_TRY(const double count, parse_number(arguments[0], "COUNT", 1, 50));
        context.session.update_settings(
            [&](Settings& settings) { settings.top_k = static_cast<int>(count); });
        return {};
    }
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(arguments, {"attends", "predicts"}, now.top_k_mode, kUsage));
    context.session.update_settings([&](Settings& settings) { settings.top_k_mode = choice; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_topk = {
    "topk", "Top-k list", "Shows what is attended most or what is predicted next; a number sets how many.",
    kUsage, "",           "Analyse",
    false,  run};

}  // namespace headlight
