#include <CLI/CLI.hpp>

#include "base/log.h"
#include "cli/subcommand.h"

namespace headlight {

#define HEADLIGHT_SUBCOMMAND(name, ...) extern const SubcommandDescriptor k_subcommand_##name;
#include "cli/subcommands/subcommands.def"
#undef HEADLIGHT_SUBCOMMAND

std::span<const SubcommandDescriptor* const> subcommands() {
    static constexpr const SubcommandDescriptor* kAll[] = {
#define HEADLIGHT_SUBCOMMAND(name, ...) &k_subcommand_##name,
#include "cli/subcommands/subcommands.def"
#undef HEADLIGHT_SUBCOMMAND
    };
    return kAll;
}

std::vector<std::pair<CLI::App*, std::function<Status()>>> add_command_line(CLI::App& app) {
    app.description("Headlight shows where a transformer looks: every layer, every head, exact.");
    app.name("headlight");
    app.set_version_flag("--version", std::string("headlight ") + headlight_version());
    app.require_subcommand(1);
    app.footer(
        "headlight COMMAND --help shows a command's options and examples.\n"
        "Exit codes: 0 good, 1 failed, 2 wrong use.");
    app.add_flag_callback(
        "-v,--verbose", [] { log::configure(2); }, "Say more on stderr");
    std::vector<std::pair<CLI::App*, std::function<Status()>>> runners;
    for (const SubcommandDescriptor* descriptor : subcommands()) {
        CLI::App* sub = app.add_subcommand(descriptor->name, descriptor->help);
        sub->footer(std::string("Examples:\n") + descriptor->examples);
        sub->fallthrough();
        runners.emplace_back(sub, descriptor->add(*sub));
    }
    return runners;
}

const char* headlight_version() {
    return HEADLIGHT_VERSION;
}

}  // namespace headlight
