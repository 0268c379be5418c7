#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "key INDEX|none";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    HEADLIGHT_TRY(const int key, parse_token(context, arguments[0], TokenAxis::Key, "INDEX"));
    context.session.set_key(key);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_key = {"key",
                                                "Choose key token",
                                                "Chooses the token that is attended to (the column).",
                                                kUsage,
                                                "",
                                                "Edit",
                                                true,
                                                run};

}  // namespace headlight
