#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/manual/completion.h"

namespace headlight {
namespace {

/// A word between single quotes.
std::string single_quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// What stands in brackets behind an option.
std::string zsh_help(const std::string& help) {
    return "[" + with_backslashes(short_help(help), "\\[]:") + "]";
}

/// ":message:action" of an option's value.
std::string zsh_value(const OptionEntry& option) {
    const std::string message = ":" + with_backslashes(option.value, "\\:");
    switch (option.kind) {
        case ValueKind::Choice:
            return message + ":(" + fmt::format("{}", fmt::join(option.choices, " ")) + ")";
        case ValueKind::File:
            return message + ":_files";
        case ValueKind::Folder:
            return message + ":_files -/";
        default:
            return message + ": ";
    }
}

std::string specification(const OptionEntry& option) {
    if (option.is_positional) {
        OptionEntry named = option;
        named.value = option.names.front();
        return single_quoted((option.takes_many ? "*" : ":") + zsh_value(named));
    }
    const std::string tail =
        zsh_help(option.help) + (option.kind == ValueKind::None ? "" : zsh_value(option));
    const std::string excluded = fmt::format("({})", fmt::join(option.names, " "));
    std::string out;
    for (const std::string& name : option.names) {
        out += out.empty() ? "" : " ";
        const char* equals = option.kind != ValueKind::None && name.rfind("--", 0) == 0 ? "=" : "";
        out += single_quoted((option.takes_many ? "*" : excluded) + name + equals + tail);
    }
    return out;
}

std::string specifications(const CommandEntry& command, const std::string& indent) {
    std::string out;
    for (const OptionEntry& option : command.options)
        out += " \\\n" + indent + specification(option);
    return out;
}

}  // namespace

std::string zsh_completion(const CommandTable& table) {
    std::string names, cases;
    for (const CommandEntry& command : table.commands) {
        names += "                " +
                 single_quoted(with_backslashes(command.name, ":") + ":" + short_help(command.help)) + "\n";
        cases += fmt::format("                {})\n                    _arguments -s{} ;;\n", command.name,
                             specifications(command, "                        "));
    }
    return "#compdef headlight\n# zsh completion for headlight, written by `headlight manual --completion "
           "zsh`.\n"
           "_headlight() {\n"
           "    local curcontext=\"$curcontext\" state line\n"
           "    typeset -A opt_args\n"
           "    _arguments -C" +
           specifications(table.program, "        ") +
           " \\\n        '1:command:->command' \\\n        '*::argument:->arguments'\n"
           "    case $state in\n"
           "        command)\n            local -a commands=(\n" +
           names +
           "            )\n            _describe -t commands command commands ;;\n"
           "        arguments)\n"
           "            curcontext=\"${curcontext%:*:*}:headlight-$line[1]:\"\n"
           "            case $line[1] in\n" +
           cases +
           "            esac ;;\n    esac\n}\n\n"
           "# Loaded by compinit, or read by `source`.\n"
           "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n    _headlight \"$@\"\nelse\n    compdef "
           "_headlight "
           "headlight\nfi\n";
}

}  // namespace headlight
