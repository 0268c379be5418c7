// Menu View: the forms of the chosen head (matrix, lines, q·k) and of the thumbnails.
#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr int kMostDimension = 65535;

Status run_line_share(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(const double share, parse_number(arguments[0], "PERCENT", kLeastLineShare, kMostLineShare));
    context.session.update_settings(
        [&](Settings& settings) { settings.line_share = static_cast<int>(share + 0.5); });
    return {};
}

Status run_qk_sort(CommandContext& context, Arguments arguments) {
    std::string order = arguments[0];
    if (order != "weight" && order != "key") {
        HEADLIGHT_TRY(const int dimension, parse_integer(order, "weight, key or the number of a dimension"));
        if (dimension < 0 || dimension > kMostDimension)
            return fail(ErrorKind::InvalidInput, "no head has a dimension {}", dimension);
        order = std::to_string(dimension);
    }
    context.session.update_settings([&](Settings& settings) { settings.qk_sort = order; });
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_form = {
    .id = "form",
    .label = "Show the head as",
    .help =
        "Shows the chosen head as a matrix, as lines between tokens, or as queries times keys (keys 1, 2, "
        "3).",
    .usage = "form [matrix|lines|qk]",
    .shortcut = "M",
    .group = "View",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::head_form, {"matrix", "lines", "qk"});
        },
    .choices = "matrix lines qk",
    .current = [](const Snapshot& now) { return now.settings.head_form; },
};

extern const CommandDescriptor k_command_line_share = {
    .id = "line_share",
    .label = "Share of a row that lines cover",
    .help = "Draws the largest weights of each row up to this per cent of what is left without the sink.",
    .usage = "line_share PERCENT",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_line_share,
};

extern const CommandDescriptor k_command_qk_sort = {
    .id = "qk_sort",
    .label = "Sort the keys of q·k",
    .help =
        "Sorts the keys of q·k by their weight, by their place in the text, or by one dimension's product.",
    .usage = "qk_sort weight|key|DIMENSION",
    .group = "View",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_qk_sort,
};

extern const CommandDescriptor k_command_qk_shown = {
    .id = "qk_shown",
    .label = "Cells of q·k hold",
    .help = "Fills the cells of q·k with the products of query and key, or with the keys themselves.",
    .usage = "qk_shown [products|keys]",
    .group = "View",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::qk_shown, {"products", "keys"});
        },
    .choices = "products keys",
    .current = [](const Snapshot& now) { return now.settings.qk_shown; },
};

extern const CommandDescriptor k_command_thumbnails = {
    .id = "thumbnails",
    .label = "Thumbnails",
    .help = "Shows the heads of the grid as pictures of their matrix or as lines from query to key.",
    .usage = "thumbnails [picture|lines]",
    .group = "View",
    .arguments = {0, 1},
    .run =
        [](CommandContext& context, Arguments arguments) {
            return choose_setting(context, arguments, &Settings::thumbnails, {"picture", "lines"});
        },
    .choices = "picture lines",
    .current = [](const Snapshot& now) { return now.settings.thumbnails; },
};

}  // namespace headlight
