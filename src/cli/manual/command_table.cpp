#include "cli/manual/command_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

namespace headlight {
namespace {

std::vector<std::string> split_choices(const std::string& list) {
    std::vector<std::string> choices;
    std::string choice;
    for (const char c : list + ",") {
        if (c != ',') {
            choice += c;
        } else if (!choice.empty()) {
            choices.push_back(std::exchange(choice, {}));
        }
    }
    return choices;
}

/// The parser writes checks behind the type: "TEXT:{png,svg}", "INT:INT in [0 - 9]", "FLOAT:POSITIVE".
void read_type(const std::string& type, OptionEntry& entry) {
    const auto colon = type.find(':');
    entry.value = type.substr(0, colon);
    const std::string check = colon == std::string::npos ? "" : type.substr(colon + 1);
    const auto open = check.find_first_of("{["), close = check.find_last_of("}]");
    if (open != std::string::npos && close != std::string::npos && close > open) {
        const std::string inside = check.substr(open + 1, close - open - 1);
        if (check[open] == '{') {
            entry.choices = split_choices(inside);
        } else {
            entry.limits = inside;
        }
    } else if (check.rfind("FILE", 0) == 0 || check.rfind("PATH", 0) == 0) {
        entry.kind = ValueKind::File;
    } else if (check.rfind("DIR", 0) == 0) {
        entry.kind = ValueKind::Folder;
    } else if (check == "POSITIVE") {
        entry.limits = "above 0";
    } else if (check == "NONNEGATIVE") {
        entry.limits = "0 or more";
    }
}

bool has_word(const std::string& text, const char* word) {
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower.find(word) != std::string::npos;
}

/// Few options check that their file is there; of the others the help says that they take one.
ValueKind kind_of(const OptionEntry& entry) {
    if (entry.value.empty()) return ValueKind::None;
    if (entry.kind != ValueKind::None) return entry.kind;
    if (!entry.choices.empty()) return ValueKind::Choice;
    if (entry.value == "INT" || entry.value == "UINT" || entry.value == "FLOAT") return ValueKind::Number;
    const std::string& name = entry.names.back();
    if (name.size() > 4 && name.compare(name.size() - 4, 4, "-dir") == 0) return ValueKind::Folder;
    static constexpr const char* kWords[] = {
        "file",  "folder", "checkpoint", "path", "write ",   "standard output",
        ".json", ".html",  "png",        "pdf",  "socket of"};
    const auto speaks_of_files = [&entry](const char* word) { return has_word(entry.help, word); };
    const bool is_file = std::any_of(std::begin(kWords), std::end(kWords), speaks_of_files) ||
                         has_word(name, "file") || has_word(name, "json") || has_word(name, "output");
    return is_file ? ValueKind::File : ValueKind::Text;
}

std::vector<std::string> names_of(const std::set<CLI::Option*>& options) {
    std::vector<std::string> names;
    for (const CLI::Option* option : options)
        names.push_back(option->get_name());
    std::sort(names.begin(), names.end());
    return names;
}

OptionEntry read_option(const CLI::Option& option) {
    OptionEntry entry;
    for (const std::string& name : option.get_snames())
        entry.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        entry.names.push_back("--" + name);
    entry.is_positional = entry.names.empty();
    if (entry.is_positional) entry.names.push_back(option.get_name(true));
    entry.help = option.get_description();
    entry.group = option.get_group();
    entry.is_required = option.get_required();
    entry.takes_many = option.get_items_expected_max() > 1;
    entry.excludes = names_of(option.get_excludes());
    entry.needs = names_of(option.get_needs());
    if (option.get_items_expected_max() > 0) {
        read_type(option.get_type_name(), entry);
        entry.default_value = option.get_default_str();
    }
    entry.kind = kind_of(entry);
    return entry;
}

CommandEntry read_command(const CLI::App& app) {
    CommandEntry command{app.get_name(), app.get_description(), app.get_footer(), {}};
    const std::string title = "Examples:\n";
    if (command.examples.rfind(title, 0) == 0) command.examples.erase(0, title.size());
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_group().empty()) command.options.push_back(read_option(*option));
    }
    return command;
}

}  // namespace

CommandTable read_command_table(const CLI::App& app) {
    CommandTable table;
    table.program = read_command(app);
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        table.commands.push_back(read_command(*command));
    return table;
}

}  // namespace headlight
