#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "decoder_text \"TEXT\"";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    if (arguments.empty()) HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    const Snapshot& now = context.session.snapshot();
    if (now.model && !now.has_decoder()) {
        return fail(ErrorKind::InvalidInput, "{} has no decoder with a text of its own; 'text' sets its text",
                    now.model->spec.name);
    }
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_decoder_text(join(arguments));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_decoder_text = {
    "decoder_text",
    "Set the decoder's text",
    "Puts a text in the decoder's box of an encoder-decoder and runs it; its start token is added.",
    kUsage,
    "",
    "Edit",
    true,
    run};

}  // namespace headlight
