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

const char* headlight_version() {
    return HEADLIGHT_VERSION;
}

}  // namespace headlight
