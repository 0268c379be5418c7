// Commands of the search: strokes, rules, order and null, saved rules.
#include "run/search/search_text.h"
#include "session/command_arguments.h"
#include "session/tasks/search_part.h"

namespace headlight {
namespace {

SearchPart& search_of(CommandContext& context) {
    return task_of<SearchPart>(context.session);
}

/// "key" and "query" stand for the chosen tokens.
Result<std::vector<std::string>> with_chosen_tokens(const CommandContext& context, Arguments arguments) {
    const Selection& chosen = context.session.snapshot().selection;
    std::vector<std::string> out;
    for (const std::string& word : arguments) {
        const int token = word == "query" ? chosen.query : word == "key" ? chosen.key : 0;
        if (token < 0) return fail(ErrorKind::InvalidInput, "no {} is chosen", word);
        out.push_back(word == "query" || word == "key" ? std::to_string(token) : word);
    }
    return out;
}

Status run_draw(CommandContext& context, Arguments arguments) {
    SearchPart& part = search_of(context);
    const std::string& what = arguments[0];
    if (what == "clear" || what == "undo" || what == "redo") {
        HEADLIGHT_CHECK(check_count(context, arguments, 1, 1));
        const SearchState& now = part.state();
        if (what == "redo" ? now.undone.empty() : now.strokes.empty())
            return fail(ErrorKind::Missing, "there is no stroke to {}", what == "clear" ? "take away" : what);
        part.look_for([&](SearchState& next) {
            next.mode = SearchMode::Drawing;
            if (what == "clear") {
                next.undone.assign(next.strokes.rbegin(), next.strokes.rend());
                next.strokes.clear();
            } else {
                auto& from = what == "undo" ? next.strokes : next.undone;
                auto& to = what == "undo" ? next.undone : next.strokes;
                to.push_back(std::move(from.back()));
                from.pop_back();
            }
        });
        return {};
    }
    const bool replaces = what == "replace";  // the last stroke: a drag that goes on
    if (replaces) arguments = arguments.subspan(1);
    HEADLIGHT_TRY(const std::vector<std::string> words, with_chosen_tokens(context, arguments));
    HEADLIGHT_TRY(Stroke stroke, parse_stroke(words));
    if (part.state().strokes.size() >= kMostStrokes + (replaces ? 1 : 0))
        return fail(ErrorKind::InvalidInput, "a drawing has at most {} strokes", kMostStrokes);
    part.look_for([&](SearchState& next) {
        next.mode = SearchMode::Drawing;
        next.undone.clear();
        if (replaces && !next.strokes.empty()) next.strokes.pop_back();
        next.strokes.push_back(std::move(stroke));
    });
    return {};
}

Status run_search_rule(CommandContext& context, Arguments arguments) {
    const std::string text = join(arguments);
    if (text.size() > kMostRuleBytes)
        return fail(ErrorKind::InvalidInput, "a rule has at most {} bytes", kMostRuleBytes);
    search_of(context).look_for([&](SearchState& next) {
        next.mode = SearchMode::Rule;
        next.rule = text;
    });
    return {};
}

Status run_search_by(CommandContext& context, Arguments arguments) {
    const std::string now = to_string(search_of(context).state().order);
    HEADLIGHT_TRY(const std::string name,
                  parse_choice(context, arguments, {"mass", "kappa", "cosine", "pearson"}, now));
    search_of(context).change([&](SearchState& next) {
        next.order = *fit_measure(name);
        if (next.result)
            next.best =
                std::make_shared<const std::vector<std::size_t>>(best_first(*next.result, next.order));
    });
    return {};
}

Status run_use_rule(CommandContext& context, Arguments arguments) {
    const std::string name = join(arguments);
    for (const OwnRule& rule : search_of(context).state().saved) {
        if (rule.name == name) return run_search_rule(context, std::vector<std::string>{rule.rule.text()});
    }
    return fail(ErrorKind::Missing, "no rule '{}' is saved", name);
}

Status run_best_fit(CommandContext& context, Arguments arguments) {
    int place = 1;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(place, parse_integer(arguments[0], "PLACE"));
    }
    if (place < 1) return fail(ErrorKind::InvalidInput, "PLACE counts from 1, the best head");
    const auto head = search_of(context).state().best_head(static_cast<std::size_t>(place) - 1);
    if (!head) return fail(ErrorKind::Missing, "there is no such head: nothing was found, or fewer were");
    context.session.select(*head);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_draw = {
    .id = "draw",
    .label = "Draw what to look for",
    .help = "Adds a stroke to the drawing that all heads are compared with, takes one away, or begins anew.",
    .usage =
        "draw box Q0 Q1 K0 K1 | stripe OFFSET [WIDTH [Q0 Q1]] | column K [Q0 Q1] | row Q | diagonal [WIDTH] "
        "| "
        "brush WIDTH Q K ... | undo | redo | clear; replace or erase before a shape",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_draw,
};

extern const CommandDescriptor k_command_search_rule = {
    .id = "search_rule",
    .label = "Look for a rule",
    .help =
        "Compares all heads with the pairs of a rule, such as “key: capital; offset 1..4”; \"\" takes it "
        "away.",
    .usage = "search_rule RULE",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_search_rule,
};

extern const CommandDescriptor k_command_search = {
    .id = "search",
    .label = "Search again",
    .help = "Compares all heads of the shown text with the drawing or the rule, whichever is named.",
    .usage = "search [drawing|rule]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (arguments.empty()) {
            refresh_search(context.session);
            return {};
        }
        HEADLIGHT_TRY(const std::string mode,
                      parse_choice(context, arguments, {"drawing", "rule"}, "drawing"));
        search_of(context).look_for(
            [&](SearchState& next) { next.mode = mode == "rule" ? SearchMode::Rule : SearchMode::Drawing; });
        return {};
    },
    .choices = "drawing rule",
    .current = [](const Snapshot& now) -> std::string {
        return now.part<SearchState>().mode == SearchMode::Rule ? "rule" : "drawing";
    },
};

extern const CommandDescriptor k_command_search_by = {
    .id = "search_by",
    .label = "Order of the heads found",
    .help = "What comes first: the most mass on the pairs, kappa, the cosine, or the correlation.",
    .usage = "search_by [mass|kappa|cosine|pearson]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_search_by,
    .choices = "mass kappa cosine pearson",
    .current = [](const Snapshot& now) -> std::string { return to_string(now.part<SearchState>().order); },
};

extern const CommandDescriptor k_command_search_null = {
    .id = "search_null",
    .label = "What chance is in a search",
    .help = "Compares with the pairs moved along the diagonal (shifts), or given to other rows (rows).",
    .usage = "search_null [shifts|rows]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const bool is_rows = search_of(context).state().shows_rows_null;
        HEADLIGHT_TRY(const std::string name,
                      parse_choice(context, arguments, {"shifts", "rows"}, is_rows ? "rows" : "shifts"));
        search_of(context).change([&](SearchState& next) { next.shows_rows_null = name == "rows"; });
        return {};
    },
    .choices = "shifts rows",
    .current = [](const Snapshot& now) -> std::string {
        return now.part<SearchState>().shows_rows_null ? "rows" : "shifts";
    },
};

extern const CommandDescriptor k_command_best_fit = {
    .id = "best_fit",
    .label = "Select the head that fits best",
    .help = "Chooses the best head of the search, or the one at that place.",
    .usage = "best_fit [PLACE]",
    .group = "Analyse",
    .arguments = {0, 1},
    .is_enabled = [](const Snapshot& now) { return now.part<SearchState>().best_head().has_value(); },
    .run = run_best_fit,
};

extern const CommandDescriptor k_command_save_rule = {
    .id = "save_rule",
    .label = "Save the rule",
    .help = "Keeps the rule under a name: a detector of your own, in tags, scans and reports.",
    .usage = "save_rule NAME",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (search_of(context).folder().empty())
            return fail(ErrorKind::Unsupported,
                        "this session keeps no settings, so there is no folder for rules");
        return search_of(context).save(join(arguments));
    },
};

extern const CommandDescriptor k_command_delete_rule = {
    .id = "delete_rule",
    .label = "Delete a saved rule",
    .help = "Takes a saved rule out of the configuration folder.",
    .usage = "delete_rule NAME",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        search_of(context).remove(join(arguments));
        return {};
    },
};

extern const CommandDescriptor k_command_use_rule = {
    .id = "use_rule",
    .label = "Look for a saved rule",
    .help = "Compares all heads with a rule that was saved.",
    .usage = "use_rule NAME",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_use_rule,
};

}  // namespace headlight
