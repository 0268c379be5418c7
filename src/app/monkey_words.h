// Random words for the monkey: arguments of any command out of its usage line, and texts of all writing
// systems.
#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/split_mix.h"
#include "session/command.h"

namespace headlight {

/// What random words may name.
struct MonkeyPaths {
    std::vector<std::string> kinds;   // one of each kind that can be opened
    std::vector<std::string> models;  // more that should open
    std::vector<std::string> files;   // anything else: tokenizers, tables, nonsense
    std::string write_dir;            // where commands that write may write
};

/// True for a command that takes a path and is not known to read it only.
bool monkey_command_writes(const CommandDescriptor& command);

/// Arguments as the usage line asks for them, now and then with a word too few, too many or wrong. What
/// stands in capitals and is not known here gets any word, so a new command is covered as it is.
std::vector<std::string> monkey_arguments(const CommandDescriptor& command, const MonkeyPaths& paths,
                                          SplitMix& random);

/// Words, emoji, right-to-left and combining text, numbers, line breaks; rarely thousands of characters.
std::string monkey_text(SplitMix& random);

/// Of `paths`, mostly what opens; rarely no path at all.
std::string monkey_path(const MonkeyPaths& paths, SplitMix& random);

}  // namespace headlight
