#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "open PATH [--trust-torchscript] [--axes ORDER]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 4, kUsage));
    OpenChoices choices;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == "--trust-torchscript") {
            choices.trusts_torchscript = true;
        } else if (arguments[i] == "--axes" && i + 1 < arguments.size()) {
            choices.axes = arguments[++i];
        } else {
            return fail(ErrorKind::InvalidInput, "'{}' is not expected here: {}", arguments[i].substr(0, 60),
                        kUsage);
        }
    }
    context.session.open(with_home(arguments[0]), choices);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_open = {
    "open",
    "Open model",
    "Opens a checkpoint folder, a file in it, a name in the Hugging Face cache (org/name), an attention "
    "dump, an atlas, or "
    "the log of a training run.",
    kUsage,
    "",
    "File",
    true,
    run};

}  // namespace headlight
