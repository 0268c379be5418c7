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
    .label = "Fit the picture of the head",
    .help = "Shows the whole matrix, or the lines from the first token on.",
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
    .choices = "raw no-sink value norm effect",
    .current = [](const Snapshot& now) { return std::string(to_string(now.settings.weights_shown)); },
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

}  // namespace headlight
