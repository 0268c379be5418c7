#include "cli/manual/manual_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace headlight {
namespace {

/// Words as they are: man would read a backslash, a hyphen and a line that starts with a dot or a quote as
/// its own.
std::string plain(const std::string& text) {
    std::string out;
    bool is_line_start = true;
    for (const char c : text) {
        if (is_line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        is_line_start = c == '\n';
    }
    return out;
}

std::string bold(const std::string& text) {
    return "\\fB" + plain(text) + "\\fR";
}
std::string italic(const std::string& text) {
    return "\\fI" + plain(text) + "\\fR";
}

std::string in_capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string page_head(const std::string& name, const std::string& version, const std::string& help) {
    return fmt::format(
        ".\\\" Written by `headlight manual`.\n.TH \"{}\" 1 \"\" \"Headlight {}\" \"User Commands\"\n.SH "
        "NAME\n{} \\- "
        "{}\n",
        plain(in_capitals(name)), version, plain(name), plain(help));
}

std::string option_names(const OptionEntry& option) {
    if (option.is_positional) return italic(option.names.front()) + (option.takes_many ? " ..." : "");
    std::string out;
    for (const std::string& name : option.names)
        out += (out.empty() ? "" : ", ") + bold(name);
    if (!option.value.empty()) out += " " + italic(option.value) + (option.takes_many ? " ..." : "");
    return out;
}

std::string option_help(const OptionEntry& option) {
    std::string out = option.help;
    const auto add = [&out](const std::string& sentence) {
        if (!out.empty() && out.back() != '.') out += '.';
        out += (out.empty() ? "" : " ") + sentence;
    };
    if (!option.choices.empty()) add(fmt::format("One of {}", fmt::join(option.choices, ", ")));
    if (!option.limits.empty()) add("Allowed: " + option.limits);
    if (!option.default_value.empty()) add("Default: " + option.default_value);
    if (option.is_required) add("Required");
    if (!option.excludes.empty()) add(fmt::format("Not with {}", fmt::join(option.excludes, ", ")));
    if (!option.needs.empty()) add(fmt::format("Only with {}", fmt::join(option.needs, ", ")));
    return plain(out);
}

/// Options in the order of --help, groups of their own behind the others.
std::string option_sections(const std::vector<OptionEntry>& options) {
    std::vector<std::string> groups = {"Options"};
    for (const OptionEntry& option : options) {
        if (std::find(groups.begin(), groups.end(), option.group) == groups.end())
            groups.push_back(option.group);
    }
    std::string out = ".SH OPTIONS\n";
    for (const std::string& group : groups) {
        if (group != "Options") out += ".SS " + plain(group) + "\n";
        for (const OptionEntry& option : options) {
            if (option.group == group)
                out += ".TP\n" + option_names(option) + "\n" + option_help(option) + "\n";
        }
    }
    return out;
}

std::string as_typed(const std::string& lines) {
    return ".nf\n" + plain(lines) + "\n.fi\n";
}

constexpr const char* kExitStatus =
    ".SH EXIT STATUS\n0: good; 1: failed, with one line \\(dqerror: ...\\(dq on standard error and details "
    "under it; 2: "
    "wrong use.\nResults go to standard output, messages to standard error.\n";

}  // namespace

std::string program_page(const CommandTable& table, const std::string& version) {
    std::string out = page_head(table.program.name, version, "shows where a transformer looks");
    out +=
        ".SH SYNOPSIS\n" + bold(table.program.name) + " [" + italic("OPTIONS") + "] " + italic("COMMAND") +
        " ...\n.SH DESCRIPTION\n" + plain(table.program.help) +
        "\nIt opens a checkpoint with its tokenizer, runs a text and shows the attention of every head, in a "
        "window or on\nthe command line. It never touches the network. Without a model, commands take the "
        "small "
        "one that comes with it.\n.SH COMMANDS\n";
    for (const CommandEntry& command : table.commands) {
        out += ".TP\n" + bold(table.program.name + "-" + command.name) + "(1)\n" + plain(command.help) + "\n";
    }
    out += option_sections(table.program.options) + kExitStatus;
    out +=
        ".SH FILES\n"
        ".TP\n\\fI$XDG_CONFIG_HOME/headlight\\fR (\\fI~/.config/headlight\\fR)\nSettings of the window.\n"
        ".TP\n\\fI$XDG_CACHE_HOME/headlight\\fR (\\fI~/.cache/headlight\\fR)\nWhat can be made again.\n"
        ".SH ENVIRONMENT\n"
        ".TP\n.B HEADLIGHT_ASSETS\nFolder that holds demo/, if it is not where the program was installed.\n"
        ".TP\n.B HEADLIGHT_ENGINE\nThe library with LibTorch, if it is not where the program was installed.\n"
        ".TP\n.B HEADLIGHT_ISA\nportable, avx2 or avx512: kernels to use in place of the best that the "
        "processor "
        "has.\n";
    return out;
}

std::string command_page(const CommandEntry& command, const std::string& version) {
    std::string out = page_head("headlight-" + command.name, version, command.help);
    out += ".SH SYNOPSIS\n" + bold("headlight " + command.name) + " [" + italic("OPTIONS") + "]";
    for (const OptionEntry& option : command.options) {
        if (!option.is_positional) continue;
        const std::string name = option_names(option);
        out += option.is_required ? " " + name : " [" + name + "]";
    }
    out += "\n.SH DESCRIPTION\n" + plain(command.help) + ".\n" + option_sections(command.options) +
           ".SH EXAMPLES\n" + as_typed(command.examples) + kExitStatus + ".SH SEE ALSO\n.BR headlight (1)\n";
    return out;
}

}  // namespace headlight
