// The command line as plain values, read from the same parser that parses it: what manual pages and
// completions are written from, so that they cannot say anything else.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace headlight {

/// What a shell may offer as the value of an option.
enum class ValueKind { None, Choice, Number, File, Folder, Text };

struct OptionEntry {
    std::vector<std::string> names;  // "-v", "--verbose"; of an argument without a name "PATH"
    bool is_positional = false;
    ValueKind kind = ValueKind::None;
    std::string value;                 // "TEXT", "INT"; empty for a flag
    std::string limits;                // "0 - 1024"; empty if there are none
    std::vector<std::string> choices;  // all that may be given, if they are few
    std::string default_value;         // as it is typed; empty if there is none
    std::string help, group;           // the group's title, "Options" for most
    std::vector<std::string> excludes, needs;
    bool is_required = false, takes_many = false;
};

struct CommandEntry {
    std::string name;      // "analyze"; of the program itself "headlight"
    std::string help;      // one line
    std::string examples;  // one command a line, indented; of the program itself what stands under its help
    std::vector<OptionEntry> options;
};

struct CommandTable {
    CommandEntry program;
    std::vector<CommandEntry> commands;  // in the order of --help
};

CommandTable read_command_table(const CLI::App& app);

}  // namespace headlight
