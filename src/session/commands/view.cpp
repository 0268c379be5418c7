// Menu View: what is shown, and how.
#include "session/command_arguments.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

const char* name_of(AttentionKind kind) {
    return kind == AttentionKind::Cross ? "cross" : kind == AttentionKind::Decoder ? "decoder" : "encoder";
}

Status run_attention(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (!now.has_kinds()) {
        return fail(ErrorKind::InvalidInput,
                    "there is one attention here; encoder-decoders have three to choose from");
    }
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"encoder", "decoder", "cross"},
                                                         name_of(now.base_text->kind())));
    const AttentionKind kind = choice == "encoder"   ? AttentionKind::Encoder
                               : choice == "decoder" ? AttentionKind::Decoder
                                                     : AttentionKind::Cross;
    if (context.session.set_kind(kind)) return {};
    return fail(ErrorKind::Missing, "the shown run holds no {} attention", choice);
}

Status run_weights(CommandContext& context, Arguments arguments) {
    if (arguments.size() == 1 && (arguments[0] == "linear" || arguments[0] == "log")) {
        const auto next = arguments[0] == "log" ? WeightScale::Log : WeightScale::Linear;
        context.session.update_settings([&](Settings& settings) { settings.weight_scale = next; });
        return {};
    }
    const Snapshot& now = context.session.snapshot();
    const bool has_question = now.part<QuestionState>().question.has_value();
    // Without a word the next ones; effects need a question, so they are no step of the way without one.
    const bool skips_effect = now.settings.weights_shown == WeightsShown::Norm && !has_question;
    const WeightsShown current = skips_effect ? WeightsShown::Effect : now.settings.weights_shown;
    HEADLIGHT_TRY(
        const std::string choice,
        parse_choice(context, arguments, {"raw", "no-sink", "value", "norm", "effect"}, to_string(current)));
    const WeightsShown next = *weights_shown(choice);
    context.session.update_settings([&](Settings& settings) { settings.weights_shown = next; });
    return {};
}

Status run_numbers(CommandContext& context, Arguments arguments) {
    const char* now = context.session.snapshot().settings.shows_numbers ? "on" : "off";
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"on", "off"}, now));
    context.session.update_settings([&](Settings& settings) { settings.shows_numbers = choice == "on"; });
    return {};
}

Status run_tint(CommandContext& context, Arguments arguments) {
    if (arguments[0] == kAblationTint || arguments[0] == kDivergenceTint) {
        context.session.update_settings([&](Settings& settings) { settings.grid_tint = arguments[0]; });
        return {};
    }
    HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "none"));
    context.session.update_settings([&](Settings& settings) { settings.grid_tint = metric; });
    return {};
}

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

extern const CommandDescriptor k_command_attention = {
    .id = "attention",
    .label = "Encoder, decoder or cross attention",
    .help =
        "Shows the encoder's, the decoder's or the cross attention of an encoder-decoder; the model does not "
        "run again.",
    .usage = "attention [encoder|decoder|cross]",
    .group = "View",
    .arguments = {0, 1},
    .run = run_attention,
};

extern const CommandDescriptor k_command_workspace = {
    .id = "workspace",
    .label = "Workspace",
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
    .label = "Next tab of a small window",
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
    .label = "Previous tab of a small window",
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
    .label = "Full screen",
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
    .label = "Presentation size",
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

extern const CommandDescriptor k_command_fit = {
    .id = "fit",
    .label = "Fit the heatmap",
    .help = "Shows the whole heatmap.",
    .usage = "fit",
    .shortcut = "F",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.fit_heatmap();
        return {};
    },
};

extern const CommandDescriptor k_command_weights = {
    .id = "weights",
    .label = "Weights shown",
    .help =
        "Shows plain weights, those without the sink, times value, as written, or their effect on the "
        "answer; linear and log are the scale of their colours.",
    .usage = "weights [raw|no-sink|value|norm|effect|linear|log]",
    .shortcut = "W",
    .group = "View",
    .arguments = {0, 1},
    .run = run_weights,
};

extern const CommandDescriptor k_command_gamma = {
    .id = "gamma",
    .label = "Gamma of weights",
    .help = "Sets the exponent of the colours on the linear scale; below 1 shows small weights.",
    .usage = "gamma VALUE",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const double gamma, parse_number(arguments[0], "VALUE", 0.1, 4));
        context.session.update_settings([&](Settings& settings) { settings.gamma = gamma; });
        return {};
    },
};

extern const CommandDescriptor k_command_numbers = {
    .id = "numbers",
    .label = "Numbers in cells",
    .help = "Shows or hides the percentages in large cells.",
    .usage = "numbers [on|off]",
    .group = "View",
    .arguments = {0, 1},
    .is_checked = [](const Snapshot& now) { return now.settings.shows_numbers; },
    .run = run_numbers,
};

extern const CommandDescriptor k_command_strip = {
    .id = "strip",
    .label = "Token strip",
    .help = "Tints the tokens by the attention that the chosen one gives or receives.",
    .usage = "strip [gives|receives]",
    .group = "View",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::strip_direction, {"gives", "receives"});
        },
};

extern const CommandDescriptor k_command_tint = {
    .id = "tint",
    .label = "Tint heads",
    .help =
        "Tints the head grid by a metric, a pattern, the chosen edge, what replacing each head does, or how "
        "far "
        "its rows lie from the run that is compared with.",
    .usage = "tint METRIC|DETECTOR|ablation_effect|chosen_edge|divergence|none",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_tint,
};

extern const CommandDescriptor k_command_order = {
    .id = "order",
    .label = "Order heads",
    .help = "Orders the head grid by a metric, a pattern, the chosen edge, or by layer.",
    .usage = "order METRIC|DETECTOR|chosen_edge|layer",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "layer"));
        context.session.update_settings([&](Settings& settings) { settings.grid_order = metric; });
        return {};
    },
};

extern const CommandDescriptor k_command_theme = {
    .id = "theme",
    .label = "Theme",
    .help = "Dark or light; without a word the other one.",
    .usage = "theme [dark|light]",
    .shortcut = "Ctrl+T",
    .group = "View",
    .arguments = {0, 1},
    .run = run_theme,
};

extern const CommandDescriptor k_command_scale_ui = {
    .id = "scale_ui",
    .label = "Interface size",
    .help = "Sets the size of the interface, or lets it follow the monitor.",
    .usage = "scale_ui FACTOR|auto",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_scale_ui,
};

extern const CommandDescriptor k_command_size = {
    .id = "size",
    .label = "Window size",
    .help = "Sets the size of the window in pixels.",
    .usage = "size WxH",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_size,
};

extern const CommandDescriptor k_command_palette = {
    .id = "palette",
    .label = "Command palette",
    .help = "Lists all commands to search and run.",
    .usage = "palette",
    .shortcut = "Ctrl+P",
    .group = "View",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.open_palette();
        return {};
    },
};

}  // namespace headlight
