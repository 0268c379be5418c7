#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "query INDEX|last";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    HEADLIGHT_TRY(const int query, parse_token(context, arguments[0], TokenAxis::Query, "INDEX"));
    context.session.set_query(query);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_query = {"query",
                                                  "Choose query token",
                                                  "Chooses the token whose attention is looked at (the row).",
                                                  kUsage,
                                                  "",
                                                  "Edit",
                                                  true,
                                                  run};

}  // namespace headlight
