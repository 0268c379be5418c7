#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "clear_ablation [LAYER HEAD]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 2, kUsage));
    if (arguments.empty()) {
        context.session.clear_interventions();
        return {};
    }
    HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments, kUsage));
    context.session.clear_interventions(std::vector<HeadId>{head});
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_clear_ablation = {
    "clear_ablation",
    "Clear ablation",
    "Gives one head, or all of them, their own attention back.",
    kUsage,
    "",
    "Analyse",
    false,
    run};

}  // namespace headlight
