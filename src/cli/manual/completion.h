// Completions for shells: commands, options, choices, files.
#pragma once

#include <span>
#include <string>

#include "cli/manual/command_table.h"

namespace headlight {

struct CompletionShell {
    const char* name;          // "bash"
    const char* install_path;  // under share/, where the shell looks
    std::string (*write)(const CommandTable& table);
};

/// bash, zsh, fish.
std::span<const CompletionShell> completion_shells();

std::string bash_completion(const CommandTable& table);
std::string zsh_completion(const CommandTable& table);
std::string fish_completion(const CommandTable& table);

/// The first words of a help text, at most `most` characters of UTF-8: lists of a shell have one line an
/// entry.
std::string short_help(const std::string& help, std::size_t most = 78);

/// `text` with a backslash before each of `special`.
std::string with_backslashes(const std::string& text, const char* special);

}  // namespace headlight
