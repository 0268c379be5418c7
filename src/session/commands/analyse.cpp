// Menu Analyse: scopes and modes of the panels.
#include <algorithm>
#include <cctype>

#include "session/command_arguments.h"

namespace headlight {
namespace {

Status run_flow_method(CommandContext& context, Arguments arguments) {
    const std::string& now = context.session.snapshot().settings.flow_method;
    std::vector<std::string> words(arguments.begin(), arguments.end());
    for (std::string& word : words)
        std::replace(word.begin(), word.end(), '-', '_');
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(context, words, {"rollout", "value_weighted", "max_flow"}, now));
    context.session.update_settings([&](Settings& settings) {
        settings.flow_method = choice;
        settings.flow_mode = "rollout";
    });
    return {};
}

Status run_topk(CommandContext& context, Arguments arguments) {
    if (arguments.size() == 1 && std::isdigit(static_cast<unsigned char>(arguments[0].c_str()[0]))) {
        HEADLIGHT_TRY(const double count, parse_number(arguments[0], "COUNT", 1, 50));
        context.session.update_settings(
            [&](Settings& settings) { settings.top_k = static_cast<int>(count); });
        return {};
    }
    return choose_setting(context, arguments, &Settings::top_k_mode, {"attends", "predicts"});
}

}  // namespace

extern const CommandDescriptor k_command_metrics = {
    .id = "metrics",
    .label = "Show metrics of",
    .help = "Shows the metrics of the chosen head, its layer or the whole model.",
    .usage = "metrics [head|layer|model]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::metrics_scope, {"head", "layer", "model"});
        },
    .choices = "head layer model",
    .current = [](const Snapshot& now) { return now.settings.metrics_scope; },
};

extern const CommandDescriptor k_command_flow = {
    .id = "flow",
    .label = "Show flow as",
    .help = "Shows the shares per layer, or the rollout from the chosen token.",
    .usage = "flow [shares|rollout]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::flow_mode, {"shares", "rollout"});
        },
    .choices = "shares rollout",
    .current = [](const Snapshot& now) { return now.settings.flow_mode; },
};

extern const CommandDescriptor k_command_flow_method = {
    .id = "flow_method",
    .label = "Follow attention by",
    .help = "Follows attention through the layers by rollout, value-weighted rollout or maximum flow.",
    .usage = "flow_method [rollout|value_weighted|max_flow]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_flow_method,
    .choices = "rollout value_weighted max_flow",
    .current = [](const Snapshot& now) { return now.settings.flow_method; },
};

extern const CommandDescriptor k_command_topk = {
    .id = "topk",
    .label = "Show of the chosen token",
    .help = "Shows what is attended most or what is predicted next; a number sets how many.",
    .usage = "topk [attends|predicts|COUNT]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_topk,
    .choices = "attends predicts",
    .current = [](const Snapshot& now) { return now.settings.top_k_mode; },
};

extern const CommandDescriptor k_command_answer_metric = {
    .id = "answer_metric",
    .label = "Metric of the answer",
    .help =
        "Measures the answer by its logit against the rival's, its probability, or the KL of the whole "
        "distribution.",
    .usage = "answer_metric [difference|probability|kl]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::answer_metric,
                                  {"difference", "probability", "kl"});
        },
};

extern const CommandDescriptor k_command_cancel = {
    .id = "cancel",
    .label = "Cancel",
    .help = "Stops the running job; what is shown stays.",
    .usage = "cancel",
    .shortcut = "Escape",
    .group = "Analyse",
    .is_enabled = [](const Snapshot& now) { return now.job.state == JobStatus::State::Running; },
    .run = [](CommandContext& context, Arguments) -> Status {
        context.session.cancel();
        return {};
    },
};

}  // namespace headlight
