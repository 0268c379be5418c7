// Menu Edit: which head and which tokens the views show.
#include "session/command_arguments.h"

namespace headlight {

extern const CommandDescriptor k_command_select = {
    .id = "select",
    .label = "Select head",
    .help = "Chooses the head that every view shows.",
    .usage = "select LAYER HEAD",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {2, 2},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments));
        context.session.select(head);
        return {};
    },
};

extern const CommandDescriptor k_command_add_head = {
    .id = "add_head",
    .label = "Add head to the selection",
    .help = "Adds a head to the chosen ones, or takes it out; the matrix shows their mean, lines each.",
    .usage = "add_head LAYER HEAD",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {2, 2},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments));
        context.session.select(head, true);
        return {};
    },
};

extern const CommandDescriptor k_command_next_head = {
    .id = "next_head",
    .label = "Next head",
    .help = "Chooses the head to the right; after the last one the next layer's first.",
    .usage = "next_head",
    .shortcut = "Right",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return move_head(context, 0, 1); },
};

extern const CommandDescriptor k_command_previous_head = {
    .id = "previous_head",
    .label = "Previous head",
    .help = "Chooses the head to the left; before the first one the last of the layer below.",
    .usage = "previous_head",
    .shortcut = "Left",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return move_head(context, 0, -1); },
};

extern const CommandDescriptor k_command_next_layer = {
    .id = "next_layer",
    .label = "Next layer",
    .help = "Chooses the same head one layer further.",
    .usage = "next_layer",
    .shortcut = "Down",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return move_head(context, 1, 0); },
};

extern const CommandDescriptor k_command_previous_layer = {
    .id = "previous_layer",
    .label = "Previous layer",
    .help = "Chooses the same head one layer back.",
    .usage = "previous_layer",
    .shortcut = "Up",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status { return move_head(context, -1, 0); },
};

extern const CommandDescriptor k_command_query = {
    .id = "query",
    .label = "Choose query token",
    .help = "Chooses the token whose attention is looked at (the row).",
    .usage = "query INDEX|last",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int query, parse_unit(context, arguments[0], TokenAxis::Query, "INDEX"));
        context.session.set_query(query);
        return {};
    },
};

extern const CommandDescriptor k_command_add_query = {
    .id = "add_query",
    .label = "Add a query to the chosen edge",
    .help = "Adds a query, or takes it out; heads are ranked by what they give to the key from all of them.",
    .usage = "add_query INDEX",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int query, parse_unit(context, arguments[0], TokenAxis::Query, "INDEX"));
        context.session.toggle_query(query);
        return {};
    },
};

extern const CommandDescriptor k_command_go_to = {
    .id = "go_to",
    .label = "Go to token",
    .help =
        "Chooses a token by its number as query and brings it into sight; without a number it asks for one.",
    .usage = "go_to [INDEX|last]",
    .shortcut = "Ctrl+G",
    .group = "Edit",
    .arguments = {0, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (!context.session.snapshot().text)
            return fail(ErrorKind::Missing, "no text is shown, so there is no token to go to");
        if (arguments.empty()) {
            context.shell.open_palette("go_to ");
            return {};
        }
        HEADLIGHT_TRY(const int query, parse_token(context, arguments[0], TokenAxis::Query, "INDEX"));
        context.session.set_query(query);
        return {};
    },
};

extern const CommandDescriptor k_command_key = {
    .id = "key",
    .label = "Choose key token",
    .help = "Chooses the token that is attended to (the column).",
    .usage = "key INDEX|none",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_TRY(const int key, parse_unit(context, arguments[0], TokenAxis::Key, "INDEX"));
        context.session.set_key(key);
        return {};
    },
};

}  // namespace headlight
