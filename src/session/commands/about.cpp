#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "about";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 0, kUsage));
    context.shell.show_help("about");
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_about = {"about",
                                                  "About Headlight",
                                                  "Shows versions of the program and of what it uses.",
                                                  kUsage,
                                                  "",
                                                  "Help",
                                                  false,
                                                  run};

}  // namespace headlight
