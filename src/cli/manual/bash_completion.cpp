#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/manual/completion.h"

namespace headlight {
namespace {

/// What bash does for the value of an option; empty: nothing to offer.
std::string bash_action(const OptionEntry& option) {
    switch (option.kind) {
        case ValueKind::Choice:
            return fmt::format("_headlight_words \"{}\"", fmt::join(option.choices, " "));
        case ValueKind::File:
            return "_headlight_files -f";
        case ValueKind::Folder:
            return "_headlight_files -d";
        default:
            return ":";
    }
}

std::string all_names(const CommandEntry& command) {
    std::string out;
    for (const OptionEntry& option : command.options) {
        if (option.is_positional) continue;
        for (const std::string& name : option.names)
            out += (out.empty() ? "" : " ") + name;
    }
    return out;
}

std::string value_cases(const CommandEntry& command) {
    std::string out;
    for (const OptionEntry& option : command.options) {
        if (option.is_positional || option.kind == ValueKind::None) continue;
        std::string patterns;
        for (const std::string& name : option.names)
            patterns += (patterns.empty() ? "" : "|") + command.name + ":" + name;
        out += fmt::format("        {}) {}; return ;;\n", patterns, bash_action(option));
    }
    return out;
}

std::string word_case(const CommandEntry& command) {
    std::string out = fmt::format("        {})\n", command.name);
    out += fmt::format("            if [[ $cur == -* ]]; then _headlight_words \"{}\"; return; fi\n",
                       all_names(command));
    for (const OptionEntry& option : command.options) {
        if (option.is_positional) return out + "            " + bash_action(option) + " ;;\n";
    }
    return out + "            ;;\n";
}

}  // namespace

std::string bash_completion(const CommandTable& table) {
    std::string names, values, words;
    for (const CommandEntry& command : table.commands) {
        names += (names.empty() ? "" : " ") + command.name;
        values += value_cases(command);
        words += word_case(command);
    }
    std::string out = R"(# bash completion for headlight, written by `headlight manual --completion bash`.
_headlight_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_headlight_files() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen "$1" -- "$cur"); }

_headlight() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i
    COMPREPLY=()
    # --option=value arrives as three words.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then command=${COMP_WORDS[i]}; break; fi
    done
    case $command:$prev in
)";
    out += values + "    esac\n    case $command in\n";
    out += fmt::format("        '') _headlight_words \"{} {}\" ;;\n", names, all_names(table.program));
    return out + words + "    esac\n}\n\ncomplete -F _headlight headlight\n";
}

}  // namespace headlight
