// Manual pages and completions, written from the parser's own table: packages install what this prints.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/atomic_file.h"
#include "cli/manual/command_table.h"
#include "cli/manual/completion.h"
#include "cli/manual/manual_page.h"
#include "cli/subcommand.h"

namespace headlight {
namespace {

struct ManualOptions {
    std::string command, shell, output_dir;
};

Status write_all(const CommandTable& table, const std::string& folder) {
    HEADLIGHT_CHECK(
        write_file_atomic(folder + "/man/man1/headlight.1", program_page(table, headlight_version())));
    for (const CommandEntry& command : table.commands) {
        HEADLIGHT_CHECK(write_file_atomic(folder + "/man/man1/headlight-" + command.name + ".1",
                                          command_page(command, headlight_version())));
    }
    for (const CompletionShell& shell : completion_shells())
        HEADLIGHT_CHECK(write_file_atomic(folder + "/" + shell.install_path, shell.write(table)));
    return {};
}

std::string page_of(const CommandTable& table, const std::string& name) {
    for (const CommandEntry& command : table.commands) {
        if (command.name == name) return command_page(command, headlight_version());
    }
    return program_page(table, headlight_version());
}

Status print_manual(const ManualOptions& options) {
    CLI::App app;
    add_command_line(app);
    const CommandTable table = read_command_table(app);
    if (!options.output_dir.empty()) return write_all(table, options.output_dir);
    std::string text = page_of(table, options.command);
    for (const CompletionShell& shell : completion_shells()) {
        if (options.shell == shell.name) text = shell.write(table);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<ManualOptions>();
    std::vector<std::string> commands, shells;
    for (const SubcommandDescriptor* descriptor : subcommands())
        commands.push_back(descriptor->name);
    for (const CompletionShell& shell : completion_shells())
        shells.push_back(shell.name);
    CLI::Option* command = app.add_option("COMMAND", options->command, "Whose page (the program's)")
                               ->check(CLI::IsMember(commands));
    CLI::Option* shell =
        app.add_option("--completion", options->shell, "Print what completes commands in this shell")
            ->check(CLI::IsMember(shells))
            ->excludes(command);
    app.add_option("--output-dir", options->output_dir,
                   "Write all pages and completions under this folder, where packages have them under share/")
        ->excludes(command)
        ->excludes(shell);
    return [options] { return print_manual(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_manual = {
    "manual", "Manual pages and completions for bash, zsh and fish",
    "  headlight manual analyze | man -l -\n"
    "  source <(headlight manual --completion bash)\n"
    "  headlight manual --completion fish > ~/.config/fish/completions/headlight.fish\n"
    "  headlight manual --output-dir share",
    add};

}  // namespace headlight
