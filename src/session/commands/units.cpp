// Menu View: what rows and columns are, and choices of tokens whatever they are.
#include "session/command_arguments.h"

namespace headlight {
namespace {

Status run_unit(CommandContext& context, Arguments arguments) {
    const TextUnit now = context.session.snapshot().settings.text_unit;
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(context, arguments, {"token", "word", "sentence", "line"}, to_string(now)));
    context.session.update_settings([&](Settings& settings) { settings.text_unit = *text_unit(choice); });
    return {};
}

Status run_from_group(CommandContext& context, Arguments arguments) {
    const FromGroup now = context.session.snapshot().settings.from_group;
    HEADLIGHT_TRY(const std::string choice,
                  parse_choice(context, arguments, {"mean", "last"}, to_string(now)));
    context.session.update_settings([&](Settings& settings) { settings.from_group = *from_group(choice); });
    return {};
}

template <TokenAxis Axis>
Status run_token(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(const int token, parse_token(context, arguments[0], Axis, "INDEX"));
    context.session.set_token(Axis, token);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_unit = {
    .id = "unit",
    .label = "Rows and columns are",
    .help =
        "Shows attention between tokens, words, sentences or lines: to a word the sum over its tokens, from "
        "a "
        "word their mean; numbers and tags are of these rows.",
    .usage = "unit [token|word|sentence|line]",
    .shortcut = "U",
    .group = "View",
    .arguments = {0, 1},
    .run = run_unit,
    .choices = "token word sentence line",
    .current = [](const Snapshot& now) { return std::string(to_string(now.settings.text_unit)); },
};

extern const CommandDescriptor k_command_from_group = {
    .id = "from_group",
    .label = "The row of a word is",
    .help = "The row of a word, sentence or line: the mean over its tokens, or its last token's.",
    .usage = "from_group [mean|last]",
    .group = "View",
    .arguments = {0, 1},
    .run = run_from_group,
    .choices = "mean last",
    .current = [](const Snapshot& now) { return std::string(to_string(now.settings.from_group)); },
};

extern const CommandDescriptor k_command_query_token = {
    .id = "query_token",
    .label = "Choose a query by its token",
    .help = "Chooses a token as query, also where rows are words: then the word that holds it.",
    .usage = "query_token INDEX|last",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_token<TokenAxis::Query>,
};

extern const CommandDescriptor k_command_key_token = {
    .id = "key_token",
    .label = "Choose a key by its token",
    .help = "Chooses a token as key, also where columns are words: then the word that holds it.",
    .usage = "key_token INDEX|none",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_token<TokenAxis::Key>,
};

}  // namespace headlight
