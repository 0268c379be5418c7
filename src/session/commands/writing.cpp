// Menu Write: tokens that the model writes behind the text.
#include <algorithm>

#include "session/command_arguments.h"
#include "session/tasks/generation.h"

namespace headlight {
namespace {

const WritingState& writing_of(const Snapshot& now) {
    return now.part<WritingState>();
}

bool can_write(const Snapshot& now) {
    return !why_no_writing(now) && !writing_of(now).is_playing();
}

bool was_written(const Snapshot& now) {
    return writing_of(now).has_text();
}

std::string scope_word(const Snapshot& now) {
    constexpr const char* kScopes[] = {"all", "layer", "head"};
    return kScopes[static_cast<std::size_t>(writing_of(now).scope)];
}

Status check_can_write(const CommandContext& context) {
    if (auto error = why_no_writing(context.session.snapshot())) return fail(std::move(*error));
    return {};
}

Status go_to_step(CommandContext& context, int step) {
    const WritingState& writing = writing_of(context.session.snapshot());
    if (!writing.has_text()) return fail(ErrorKind::Missing, "nothing was written yet; `write` does");
    if (step < 0 || step > writing.num_written())
        return fail(ErrorKind::InvalidInput, "there is no step {}; {} tokens were written", step,
                    writing.num_written());
    context.session.set_token(TokenAxis::Query, writing.num_prompt() - 1 + step);
    return {};
}

/// The bar one step on, and at the end of what was written one more token.
Status write_one(CommandContext& context) {
    HEADLIGHT_CHECK(check_can_write(context));
    const Snapshot& now = context.session.snapshot();
    const WritingState& writing = writing_of(now);
    if (writing.is_playing()) return {};
    const int step = step_of_query(writing, now.token_selection.query);
    const bool is_inside =
        is_written_text(writing, now.base_text.get()) && step >= 0 && step < writing.num_written() - 1;
    if (is_inside) return go_to_step(context, step + 1);
    start_writing(context.session, 1);
    return {};
}

Status set_one(WritingSettings& settings, const std::string& name, const std::string& word) {
    if (name == "temperature") {
        HEADLIGHT_TRY(settings.sampling.temperature, parse_number(word, "TEMPERATURE", 0, 100));
    } else if (name == "top_k") {
        HEADLIGHT_TRY(settings.sampling.top_k, parse_integer(word, "TOP_K"));
        settings.sampling.top_k = std::max(0, settings.sampling.top_k);
    } else if (name == "top_p") {
        HEADLIGHT_TRY(settings.sampling.top_p, parse_number(word, "TOP_P", 0, 1));
    } else if (name == "min_p") {
        HEADLIGHT_TRY(settings.sampling.min_p, parse_number(word, "MIN_P", 0, 1));
    } else if (name == "repetition_penalty") {
        HEADLIGHT_TRY(settings.sampling.repetition_penalty, parse_number(word, "PENALTY", 1e-3, 1e3));
    } else if (name == "seed") {
        HEADLIGHT_TRY(const int seed, parse_integer(word, "SEED"));
        settings.seed = static_cast<std::uint64_t>(std::max(0, seed));
    } else if (name == "max_new_tokens") {
        HEADLIGHT_TRY(const int count, parse_integer(word, "TOKENS"));
        if (count < 1 || count > kMostTokensAtOnce)
            return fail(ErrorKind::InvalidInput, "from 1 to {} tokens are written at once, not {}",
                        kMostTokensAtOnce, count);
        settings.max_new_tokens = count;
    } else if (name == "stop_at_end") {
        if (word != "on" && word != "off") return fail(ErrorKind::InvalidInput, "stop_at_end is on or off");
        settings.stops_at_end = word == "on";
    } else {
        return fail(
            ErrorKind::InvalidInput,
            "'{}' is none of temperature, top_k, top_p, min_p, repetition_penalty, seed, max_new_tokens, "
            "stop_at_end",
            name);
    }
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_write = {
    .id = "write",
    .label = "Write on",
    .help = "The model writes tokens behind the text, or behind the chosen branch.",
    .usage = "write [TOKENS]",
    .group = "Write",
    .arguments = {0, 1},
    .is_enabled = can_write,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_CHECK(check_can_write(context));
        int count = writing_of(context.session.snapshot()).settings.max_new_tokens;
        if (!arguments.empty()) {
            HEADLIGHT_TRY(count, parse_integer(arguments[0], "TOKENS"));
        }
        if (count < 1 || count > kMostTokensAtOnce)
            return fail(ErrorKind::InvalidInput, "from 1 to {} tokens are written at once, not {}",
                        kMostTokensAtOnce, count);
        start_writing(context.session, count);
        return {};
    },
};

extern const CommandDescriptor k_command_write_pause = {
    .id = "write_pause",
    .label = "Pause writing",
    .help = "What was written becomes the shown text; `write` goes on.",
    .usage = "write_pause",
    .group = "Write",
    .is_enabled = [](const Snapshot& now) { return writing_of(now).is_playing(); },
    .run = [](CommandContext& context, Arguments) -> Status {
        pause_writing(context.session);
        return {};
    },
};

extern const CommandDescriptor k_command_write_or_pause = {
    .id = "write_or_pause",
    .label = "Write or pause",
    .help = "Writes on; while it writes, pauses.",
    .usage = "write_or_pause",
    .shortcut = "Ctrl+R",
    .group = "Write",
    .is_enabled = [](const Snapshot& now) { return !why_no_writing(now); },
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_can_write(context));
        const WritingState& writing = writing_of(context.session.snapshot());
        if (writing.is_playing())
            pause_writing(context.session);
        else
            start_writing(context.session, writing.settings.max_new_tokens);
        return {};
    },
};

extern const CommandDescriptor k_command_write_step = {
    .id = "write_step",
    .label = "One token on",
    .help = "Moves the bar through time by one token; at the end of what was written, writes one more.",
    .usage = "write_step",
    .shortcut = ".",
    .group = "Write",
    .is_enabled = can_write,
    .run = [](CommandContext& context, Arguments) -> Status { return write_one(context); },
};

extern const CommandDescriptor k_command_write_back = {
    .id = "write_back",
    .label = "One token back",
    .help = "Moves the bar through time back by one token; nothing is deleted.",
    .usage = "write_back",
    .shortcut = ",",
    .group = "Write",
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments) -> Status {
        const Snapshot& now = context.session.snapshot();
        const WritingState& writing = writing_of(now);
        const int step = std::min(step_of_query(writing, now.token_selection.query), writing.num_written());
        return go_to_step(context, std::max(0, step - 1));
    },
};

extern const CommandDescriptor k_command_write_to = {
    .id = "write_to",
    .label = "Go to a written token",
    .help = "Chooses the row that wrote a token: step 0 wrote the first one.",
    .usage = "write_to STEP|last",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (arguments[0] == "last")
            return go_to_step(context, std::max(0, writing_of(context.session.snapshot()).num_written() - 1));
        HEADLIGHT_TRY(const int step, parse_integer(arguments[0], "STEP"));
        return go_to_step(context, step);
    },
};

extern const CommandDescriptor k_command_write_branch = {
    .id = "write_branch",
    .label = "Branch off",
    .help = "Takes another token at a step; what was written there stays as a branch.",
    .usage = "write_branch STEP TOKEN_ID",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {2, 2},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_CHECK(check_can_write(context));
        HEADLIGHT_TRY(const int step, parse_integer(arguments[0], "STEP"));
        HEADLIGHT_TRY(const int id, parse_integer(arguments[1], "TOKEN_ID"));
        return branch_writing(context.session, step, id);
    },
};

extern const CommandDescriptor k_command_write_choose = {
    .id = "write_choose",
    .label = "Show a branch",
    .help = "Shows one of the branches that were written.",
    .usage = "write_choose BRANCH",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int branch, parse_integer(arguments[0], "BRANCH"));
        return choose_branch(context.session, branch);
    },
};

extern const CommandDescriptor k_command_write_delete = {
    .id = "write_delete",
    .label = "Delete a branch",
    .help = "Forgets what only this branch has.",
    .usage = "write_delete BRANCH",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int branch, parse_integer(arguments[0], "BRANCH"));
        return delete_branch(context.session, branch);
    },
};

extern const CommandDescriptor k_command_write_compare = {
    .id = "write_compare",
    .label = "Compare with a branch",
    .help = "Sets the shown branch beside another one, in the workspace Compare.",
    .usage = "write_compare BRANCH",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int branch, parse_integer(arguments[0], "BRANCH"));
        HEADLIGHT_CHECK(compare_branch(context.session, branch));
        context.session.set_compare(Compare::Difference);
        return {};
    },
};

extern const CommandDescriptor k_command_write_set = {
    .id = "write_set",
    .label = "Set how tokens are chosen",
    .help =
        "Sets temperature (0: greedy), top_k, top_p, min_p, repetition_penalty, seed, max_new_tokens or "
        "stop_at_end.",
    .usage = "write_set NAME VALUE",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {2, 2},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        WritingSettings settings = writing_of(context.session.snapshot()).settings;
        HEADLIGHT_CHECK(set_one(settings, arguments[0], arguments[1]));
        set_writing(context.session, settings);
        return {};
    },
};

extern const CommandDescriptor k_command_made_from = {
    .id = "made_from",
    .label = "Whose rows tokens are made from",
    .help = "Pools the rows of all heads, of the chosen head's layer, or of the chosen head.",
    .usage = "made_from [all|layer|head]",
    .group = "Write",
    .arguments = {0, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const std::string now = scope_word(context.session.snapshot());
        HEADLIGHT_TRY(const std::string scope,
                      parse_choice(context, arguments, {"all", "layer", "head"}, now));
        set_made_from_scope(context.session, scope == "all"     ? MadeFromScope::AllHeads
                                             : scope == "layer" ? MadeFromScope::Layer
                                                                : MadeFromScope::Head);
        return {};
    },
    .choices = "all layer head",
    .current = scope_word,
};

extern const CommandDescriptor k_command_mark_part = {
    .id = "mark_part",
    .label = "Mark a part of the prompt",
    .help = "Names tokens of the prompt (first and last) as a part that written tokens may be made from.",
    .usage = "mark_part NAME FIRST LAST",
    .group = "Write",
    .needs_arguments = true,
    .arguments = {3, 3},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int first, parse_integer(arguments[1], "FIRST"));
        HEADLIGHT_TRY(const int last, parse_integer(arguments[2], "LAST"));
        if (arguments[0].empty() || arguments[0].size() > 64 || first > last)
            return fail(ErrorKind::InvalidInput, "a part has a name and at least one token: {}",
                        context.usage);
        return mark_text_part(context.session, {arguments[0], first, last + 1});
    },
};

extern const CommandDescriptor k_command_clear_parts = {
    .id = "clear_parts",
    .label = "Parts as the prompt has them",
    .help = "Parts by chat roles or blank lines again, in place of those that were marked by hand.",
    .usage = "clear_parts",
    .group = "Write",
    .is_enabled = was_written,
    .run = [](CommandContext& context, Arguments) -> Status { return clear_text_parts(context.session); },
};

}  // namespace headlight
