// Menu View: what is shown, and how.
#include "session/command_arguments.h"

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
    const auto now = context.session.snapshot().settings.weight_scale;
    const char* word = now == WeightScale::Log ? "log" : "linear";
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"linear", "log"}, word));
    const auto next = choice == "log" ? WeightScale::Log : WeightScale::Linear;
    context.session.update_settings([&](Settings& settings) { settings.weight_scale = next; });
    return {};
}

Status run_numbers(CommandContext& context, Arguments arguments) {
    const char* now = context.session.snapshot().settings.shows_numbers ? "on" : "off";
    HEADLIGHT_TRY(const std::string choice, parse_choice(context, arguments, {"on", "off"}, now));
    context.session.update_settings([&](Settings& settings) { settings.shows_numbers = choice == "on"; });
    return {};
}

Status run_tint(CommandContext& context, Arguments arguments) {
    if (arguments[0] == kAblationTint) {
        context.session.update_settings([](Settings& settings) { settings.grid_tint = kAblationTint; });
        return {};
    }
    HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "none"));
    context.session.update_settings([&](Settings& settings) { settings.grid_tint = metric; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_attention = {
    .id = "attention",
    .label = "Show attention of",
    .help =
        "Shows the encoder's, the decoder's or the cross attention of an encoder-decoder; the model does not "
        "run again.",
    .usage = "attention [encoder|decoder|cross]",
    .group = "View",
    .arguments = {0, 1},
    .is_enabled = [](const Snapshot& now) { return now.has_kinds(); },
    .run = run_attention,
    .choices = "encoder decoder cross",
    .current =
        [](const Snapshot& now) { return std::string(now.base_text ? name_of(now.base_text->kind()) : ""); },
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
    .label = "Colour weights by a scale",
    .help = "Colours weights on a linear or a logarithmic scale.",
    .usage = "weights [linear|log]",
    .group = "View",
    .arguments = {0, 1},
    .run = run_weights,
    .choices = "linear log",
    .current =
        [](const Snapshot& now) {
            return std::string(now.settings.weight_scale == WeightScale::Log ? "log" : "linear");
        },
};

extern const CommandDescriptor k_command_gamma = {
    .id = "gamma",
    .label = "Set gamma of weights",
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
    .label = "Show numbers in cells",
    .help = "Shows or hides the percentages in large cells.",
    .usage = "numbers [on|off]",
    .group = "View",
    .arguments = {0, 1},
    .is_checked = [](const Snapshot& now) { return now.settings.shows_numbers; },
    .run = run_numbers,
};

extern const CommandDescriptor k_command_strip = {
    .id = "strip",
    .label = "Tint tokens by what the chosen one",
    .help = "Tints the tokens by the attention that the chosen one gives or receives.",
    .usage = "strip [gives|receives]",
    .group = "View",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::strip_direction, {"gives", "receives"});
        },
    .choices = "gives receives",
    .current = [](const Snapshot& now) { return now.settings.strip_direction; },
};

extern const CommandDescriptor k_command_tint = {
    .id = "tint",
    .label = "Tint heads",
    .help = "Tints the head grid by a metric, or by what replacing each head does.",
    .usage = "tint METRIC|ablation_effect|none",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_tint,
};

extern const CommandDescriptor k_command_order = {
    .id = "order",
    .label = "Order heads",
    .help = "Orders the head grid by a metric, or by layer.",
    .usage = "order METRIC|layer",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const std::string metric, parse_metric(arguments[0], "layer"));
        context.session.update_settings([&](Settings& settings) { settings.grid_order = metric; });
        return {};
    },
};

}  // namespace headlight
