// Menu Analyse: replaced attention.
#include "session/command_arguments.h"

namespace headlight {
namespace {

// "LAYER HEAD", "layer LAYER", "all", "selected" or nothing (selected).
Result<std::vector<HeadId>> heads_of(const CommandContext& context, Arguments words) {
    if (words.empty() || words[0] == "selected") {
        HEADLIGHT_CHECK(check_count(context, words, 0, 1));
        return selected_heads_of(context);
    }
    HEADLIGHT_TRY(const HeadCounts counts, head_counts(context));
    if (words[0] == "all") {
        HEADLIGHT_CHECK(check_count(context, words, 1, 1));
        return heads_of_layers(0, counts.layers, counts.heads);
    }
    if (words[0] != "layer") {
        HEADLIGHT_TRY(const HeadId head, parse_head(context, words));
        return std::vector<HeadId>{head};
    }
    HEADLIGHT_CHECK(check_count(context, words, 2, 2));
    HEADLIGHT_TRY(const int layer, parse_integer(words[1], "LAYER"));
    if (layer < 0 || layer >= counts.layers) {
        return fail(ErrorKind::InvalidInput, "there is no layer {}; layers run from 0 to {}", layer,
                    counts.layers - 1);
    }
    return heads_of_layers(layer, layer + 1, counts.heads);
}

Status run_ablate(CommandContext& context, Arguments arguments) {
    Intervention change;
    HEADLIGHT_TRY(change.mode, parse_ablation_mode(arguments[0]));
    HEADLIGHT_TRY(change.heads, heads_of(context, arguments.subspan(1)));
    context.session.add_intervention(std::move(change));
    return {};
}

// A key, a range "2-5", or nullopt for "but" (the next word is the only key that stays).
Result<std::pair<int, int>> parse_keys(const CommandContext& context, const std::string& word) {
    const auto dash = word.find('-', 1);
    HEADLIGHT_TRY(const int first, parse_token(context, word.substr(0, dash), TokenAxis::Key, "KEY"));
    if (dash == std::string::npos) return std::pair{first, first};
    HEADLIGHT_TRY(const int last, parse_token(context, word.substr(dash + 1), TokenAxis::Key, "KEY"));
    if (first >= 0 && first <= last) return std::pair{first, last};
    return fail(ErrorKind::InvalidInput, "a range of keys runs upwards, got '{}'", word.substr(0, 60));
}

Status run_knock_out(CommandContext& context, Arguments arguments) {
    const bool is_rest = arguments[1] == "but";
    HEADLIGHT_CHECK(check_count(context, arguments, is_rest ? 3 : 2, is_rest ? 3 : 2));
    HEADLIGHT_TRY(int query, parse_token(context, arguments[0], TokenAxis::Query, "QUERY"));
    HEADLIGHT_TRY(const auto keys, parse_keys(context, arguments[is_rest ? 2 : 1]));
    Intervention change;
    change.mode = InterventionMode::KnockOut;
    HEADLIGHT_TRY(change.heads, selected_heads_of(context));
    const auto& text = context.session.snapshot().shown_tokens();
    if (!text || !text->trace) return fail(ErrorKind::Missing, "no text was run yet");
    if (query < 0) query = text->trace->num_queries() - 1;
    const KeyRange seen = text->trace->admissible(change.heads.front().layer, query);
    for (int key = seen.begin; key < seen.end; ++key) {
        const bool is_named = key >= keys.first && key <= keys.second;
        if (is_named != is_rest) change.edges.push_back({query, key});
    }
    if (change.edges.empty()) {
        return fail(ErrorKind::InvalidInput, "token {} sees keys {} to {}: there is no such edge to cut",
                    query, seen.begin, seen.end - 1);
    }
    context.session.add_intervention(std::move(change));
    return {};
}

Status run_scale_head(CommandContext& context, Arguments arguments) {
    Intervention change;
    change.mode = InterventionMode::Scale;
    HEADLIGHT_TRY(change.factor, parse_number(arguments[0], "FACTOR", -10, 10));
    HEADLIGHT_TRY(change.heads, selected_heads_of(context));
    context.session.add_intervention(std::move(change));
    return {};
}

Status run_clear_ablation(CommandContext& context, Arguments arguments) {
    if (arguments.empty()) {
        context.session.clear_interventions();
        return {};
    }
    HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments));
    context.session.clear_interventions(std::vector<HeadId>{head});
    return {};
}

Status run_compare(CommandContext& context, Arguments arguments) {
    const Compare now = context.session.snapshot().compare;
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(context, arguments, {"before", "after", "difference"}, to_string(now)));
    context.session.set_compare(choice == "before"  ? Compare::Before
                                : choice == "after" ? Compare::After
                                                    : Compare::Difference);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_ablate = {
    .id = "ablate",
    .label = "Replace attention",
    .help = "Replaces the attention of heads by uniform, local, previous, first, identity, zero or mean.",
    .usage = "ablate MODE [LAYER HEAD|layer LAYER|all|selected]",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, 3},
    .run = run_ablate,
};

extern const CommandDescriptor k_command_knock_out = {
    .id = "knock_out",
    .label = "Cut attention edges",
    .help =
        "Cuts edges of the chosen heads: one key, a range, or "
        "all but one; the rest of the row is scaled up to 1.",
    .usage = "knock_out QUERY KEY|LOW-HIGH|but KEY",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {2, 3},
    .run = run_knock_out,
};

extern const CommandDescriptor k_command_scale_head = {
    .id = "scale_head",
    .label = "Scale head output",
    .help = "Multiplies what the chosen heads add; 1 changes nothing, 0 takes it away.",
    .usage = "scale_head FACTOR",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_scale_head,
};

extern const CommandDescriptor k_command_clear_ablation = {
    .id = "clear_ablation",
    .label = "Clear ablation",
    .help = "Gives one head, or all of them, their own attention back.",
    .usage = "clear_ablation [LAYER HEAD]",
    .group = "Analyse",
    .arguments = {0, 2},
    .run = run_clear_ablation,
};

extern const CommandDescriptor k_command_compare = {
    .id = "compare",
    .label = "Show the run",
    .help = "Shows the unchanged run, the one with replaced attention, or after minus before.",
    .usage = "compare [before|after|difference]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_compare,
    .choices = "before after difference",
    .current =
        [](const Snapshot& now) {
            return std::string(now.compare == Compare::Before  ? "before"
                               : now.compare == Compare::After ? "after"
                                                               : "difference");
        },
};

}  // namespace headlight
