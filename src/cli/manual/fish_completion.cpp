#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/manual/completion.h"

namespace headlight {
namespace {

std::string fish_quoted(const std::string& text) {
    return "'" + with_backslashes(text, "\\'") + "'";
}

/// What follows an option: -x a value that is no file, -r -F a file.
std::string fish_value(const OptionEntry& option) {
    switch (option.kind) {
        case ValueKind::None:
            return "";
        case ValueKind::Choice:
            return fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        case ValueKind::File:
            return " -r -F";
        case ValueKind::Folder:
            return " -x -a '(__fish_complete_directories)'";
        default:
            return " -x";
    }
}

std::string option_lines(const CommandEntry& command, const std::string& condition) {
    std::string out;
    for (const OptionEntry& option : command.options) {
        out += "complete -c headlight -n " + fish_quoted(condition);
        if (option.is_positional) {
            if (option.kind == ValueKind::File) out += " -F";
            if (option.kind == ValueKind::Choice)
                out += fmt::format(" -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
            out += "\n";
            continue;
        }
        for (const std::string& name : option.names)
            out += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
        out += fish_value(option) + " -d " + fish_quoted(short_help(option.help)) + "\n";
    }
    return out;
}

}  // namespace

std::string fish_completion(const CommandTable& table) {
    std::string out =
        "# fish completion for headlight, written by `headlight manual --completion fish`.\n"
        "complete -c headlight -f\n" +
        option_lines(table.program, "__fish_use_subcommand");
    for (const CommandEntry& command : table.commands) {
        out += fmt::format("complete -c headlight -n __fish_use_subcommand -a {} -d {}\n", command.name,
                           fish_quoted(short_help(command.help)));
    }
    for (const CommandEntry& command : table.commands)
        out += option_lines(command, "__fish_seen_subcommand_from " + command.name);
    return out;
}

}  // namespace headlight
