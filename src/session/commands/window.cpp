// Menu View: how the window is arranged, and how large and in which colours it is drawn.
#include "session/command_arguments.h"

namespace headlight {
namespace {

Status run_theme(CommandContext& context, Arguments arguments) {
    const auto now = context.session.snapshot().settings.theme;
    const char* word = now == Theme::Light ? "light" : "dark";
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"dark", "light"}, word));
    const auto next = choice == "light" ? Theme::Light : Theme::Dark;
    context.session.update_settings([&](Settings& settings) { settings.theme = next; });
    return {};
}

Status run_scale_ui(CommandContext& context, Arguments arguments) {
    double factor = 0;  // 0: follow the monitor
    if (arguments[0] != "auto") {
        HEADLIGHT_TRY(factor, parse_number(arguments[0], "FACTOR", 0.5, 4));
    }
    context.session.update_settings([&](Settings& settings) { settings.ui_scale = factor; });
    return {};
}

Status run_size(CommandContext& context, Arguments arguments) {
    const std::size_t cross = arguments[0].find('x');
    if (cross == std::string::npos) {
        return fail(ErrorKind::InvalidInput, "a size reads like 1600x900, got '{}'",
                    arguments[0].substr(0, 60));
    }
    HEADLIGHT_TRY(const double width, parse_number(arguments[0].substr(0, cross), "width", 320, 16384));
    HEADLIGHT_TRY(const double height, parse_number(arguments[0].substr(cross + 1), "height", 240, 16384));
    return context.shell.resize(static_cast<int>(width), static_cast<int>(height));
}

}  // namespace

extern const CommandDescriptor k_command_workspace = {
    .id = "workspace",
    .label = "Switch workspace",
    .help = "Shows another arrangement of cards over the same model, text and selection.",
    .usage = "workspace NAME",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_CHECK(context.shell.check_workspace(arguments[0]));
        context.session.update_settings([&](Settings& settings) { settings.workspace = arguments[0]; });
        return {};
    },
};

extern const CommandDescriptor k_command_view = {
    .id = "view",
    .label = "Show view",
    .help = "Shows a view, and the workspace that holds it.",
    .usage = "view NAME",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return context.shell.show_view(arguments[0]);
    },
};

extern const CommandDescriptor k_command_next_page = {
    .id = "next_page",
    .label = "Turn to the next tab",
    .help = "Turns to the next tab where the window is too small for columns.",
    .usage = "next_page",
    .shortcut = "Ctrl+Tab",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.turn_page(1);
        return {};
    },
};

extern const CommandDescriptor k_command_previous_page = {
    .id = "previous_page",
    .label = "Turn to the tab before",
    .help = "Turns to the tab before where the window is too small for columns.",
    .usage = "previous_page",
    .shortcut = "Ctrl+Shift+Tab",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.turn_page(-1);
        return {};
    },
};

extern const CommandDescriptor k_command_fill_window = {
    .id = "fill_window",
    .label = "Fill the window with a card",
    .help = "Shows one card in place of all, as a double click on its title does; again: all.",
    .usage = "fill_window VIEW|none",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return context.shell.fill_window(arguments[0]);
    },
};

extern const CommandDescriptor k_command_full_screen = {
    .id = "full_screen",
    .label = "Use the full screen",
    .help = "Gives the window the whole screen, and back.",
    .usage = "full_screen",
    .shortcut = "F11",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.toggle_full_screen();
        return {};
    },
};

extern const CommandDescriptor k_command_presentation = {
    .id = "presentation",
    .label = "Draw larger, for a projector",
    .help = "Draws everything half as large again, for a projector.",
    .usage = "presentation [on|off]",
    .group = "View",
    .arguments = {0, 1},
    .is_checked = [](const Snapshot& now) { return now.settings.is_presenting; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const char* now = context.session.snapshot().settings.is_presenting ? "on" : "off";
        HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"on", "off"}, now));
        context.session.update_settings([&](Settings& settings) { settings.is_presenting = choice == "on"; });
        return {};
    },
};

extern const CommandDescriptor k_command_theme = {
    .id = "theme",
    .label = "Use theme",
    .help = "Dark or light; without a word the other one.",
    .usage = "theme [dark|light]",
    .shortcut = "Ctrl+T",
    .group = "View",
    .arguments = {0, 1},
    .run = run_theme,
    .choices = "dark light",
    .current =
        [](const Snapshot& now) {
            return std::string(now.settings.theme == Theme::Light ? "light" : "dark");
        },
};

extern const CommandDescriptor k_command_scale_ui = {
    .id = "scale_ui",
    .label = "Set interface size",
    .help = "Sets the size of the interface, or lets it follow the monitor.",
    .usage = "scale_ui FACTOR|auto",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_scale_ui,
};

extern const CommandDescriptor k_command_size = {
    .id = "size",
    .label = "Set window size",
    .help = "Sets the size of the window in pixels.",
    .usage = "size WxH",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_size,
};

extern const CommandDescriptor k_command_palette = {
    .id = "palette",
    .label = "Open the command palette",
    .help = "Lists all commands to search and run.",
    .usage = "palette",
    .shortcut = "Ctrl+P",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.open_palette({});
        return {};
    },
};

}  // namespace headlight
