#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "probe [SEQUENCES]";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 0, 1, kUsage));
    ProbeSettings settings;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(settings.num_sequences, parse_integer(arguments[0], "SEQUENCES"));
        if (settings.num_sequences < 1 || settings.num_sequences > 1000) {
            return fail(ErrorKind::InvalidInput, "SEQUENCES must be from 1 to 1000, got {}",
                        settings.num_sequences);
        }
    }
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    context.session.start_probe(settings);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_probe = {"probe",
                                                  "Random-repeat probe",
                                                  "Measures the content detectors on random repeated tokens.",
                                                  kUsage,
                                                  "",
                                                  "Analyse",
                                                  false,
                                                  run};

}  // namespace headlight
