#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "theme [dark|light]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    const auto now = context.session.snapshot().settings.theme;
    const char* word = now == Theme::Light ? "light" : "dark";
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"dark", "light"}, word, kUsage));
    const auto next = choice == "light" ? Theme::Light : Theme::Dark;
    context.session.update_settings([&](Settings& settings) { settings.theme = next; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_theme = {
    "theme", "Theme", "Dark or light; without a word the other one.", kUsage, "Ctrl+T", "View", false, run};

}  // namespace headlight
