#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "size WxH";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    const std::size_t cross = arguments[0].find('x');
    if (cross == std::string::npos) {
        return fail(ErrorKind::InvalidInput, "a size reads like 1600x900, got '{}'",
                    arguments[0].substr(0, 60));
    }
    HEADLIGHT_TRY(const double width, parse_number(arguments[0].substr(0, cross), "width", 320, 16384));
    HEADLIGHT_TRY(const double height, parse_number(arguments[0].substr(cross + 1), "height", 240, 16384));
    return context.shell.resize(static_cast<int>(width), static_cast<int>(height));
}

}  // namespace

extern const CommandDescriptor k_command_size = {
    "size", "Window size", "Sets the size of the window in pixels.", kUsage, "", "View", true, run};

}  // namespace headlight
