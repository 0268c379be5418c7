#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "select LAYER HEAD";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_TRY(const HeadId head, parse_head(context, arguments, kUsage));
    context.session.select(head);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_select = {
    "select", "Select head", "Chooses the head that every view shows.", kUsage, "", "Edit", true, run};

}  // namespace headlight
