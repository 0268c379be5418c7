// Menu Help.
#include "session/command_arguments.h"

namespace headlight {

extern const CommandDescriptor k_command_shortcuts = {
    .id = "shortcuts",
    .label = "Keyboard shortcuts",
    .help = "Lists the keys of all commands.",
    .usage = "shortcuts",
    .shortcut = "F1",
    .group = "Help",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.show_help("shortcuts");
        return {};
    },
};

extern const CommandDescriptor k_command_about = {
    .id = "about",
    .label = "About Headlight",
    .help = "Shows versions of the program and of what it uses.",
    .usage = "about",
    .group = "Help",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.show_help("about");
        return {};
    },
};

}  // namespace headlight
