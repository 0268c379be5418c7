// Manual pages in the language of man (groff), one for the program and one for each command.
#pragma once

#include <string>

#include "cli/manual/command_table.h"

namespace headlight {

/// headlight(1): what it is, all commands, files and environment.
std::string program_page(const CommandTable& table, const std::string& version);

/// headlight-COMMAND(1): the same words as `headlight COMMAND --help`.
std::string command_page(const CommandEntry& command, const std::string& version);

}  // namespace headlight
