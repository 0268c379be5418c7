#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "attention [encoder|decoder|cross]";

const char* name_of(AttentionKind kind) {
    return kind == AttentionKind::Cross ? "cross" : kind == AttentionKind::Decoder ? "decoder" : "encoder";
}

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 1, kUsage));
    const Snapshot& now = context.session.snapshot();
    if (!now.has_kinds()) {
        return fail(ErrorKind::InvalidInput,
                    "there is one attention here; encoder-decoders have three to choose from");
    }
    HEADLIGHT_TRY(const std::string choice, parse_choice(arguments, {"encoder", "decoder", "cross"},
                                                         name_of(now.base_text->kind()), kUsage));
    const AttentionKind kind = choice == "encoder"   ? AttentionKind::Encoder
                               : choice == "decoder" ? AttentionKind::Decoder
                                                     : AttentionKind::Cross;
    if (context.session.set_kind(kind)) return {};
    return fail(ErrorKind::Missing, "the shown run holds no {} attention", choice);
}

}  // namespace

extern const CommandDescriptor k_command_attention = {
    "attention",
    "Encoder, decoder or cross attention",
    "Shows the encoder's, the decoder's or the cross attention of an encoder-decoder; the model does not run "
    "again.",
    kUsage,
    "",
    "View",
    false,
    run};

}  // namespace headlight
