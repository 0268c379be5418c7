#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "ablate MODE [LAYER HEAD|layer LAYER|all|selected]";

// "LAYER HEAD", "layer LAYER", "all", "selected" or nothing (selected).
Result<std::vector<HeadId>> heads_of(const CommandContext& context, Arguments words) {
    if (words.empty() || words[0] == "selected") {
        HEADLIGHT_CHECK(check_count(words, 0, 1, kUsage));
        return selected_heads_of(context);
    }
    HEADLIGHT_TRY(const HeadCounts counts, head_counts(context));
    if (words[0] == "all") {
        HEADLIGHT_CHECK(check_count(words, 1, 1, kUsage));
        return heads_of_layers(0, counts.layers, counts.heads);
    }
    if (words[0] != "layer") {
        HEADLIGHT_TRY(const HeadId head, parse_head(context, words, kUsage));
        return std::vector<HeadId>{head};
    }
    HEADLIGHT_CHECK(check_count(words, 2, 2, kUsage));
    HEADLIGHT_TRY(const int layer, parse_integer(words[1], "LAYER"));
    if (layer < 0 || layer >= counts.layers) {
        return fail(ErrorKind::InvalidInput, "there is no layer {}; layers run from 0 to {}", layer,
                    counts.layers - 1);
    }
    return heads_of_layers(layer, layer + 1, counts.heads);
}

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 3, kUsage));
    Intervention change;
    HEADLIGHT_TRY(change.mode, parse_ablation_mode(arguments[0]));
    HEADLIGHT_TRY(change.heads, heads_of(context, arguments.subspan(1)));
    context.session.add_intervention(std::move(change));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_ablate = {
    "ablate",
    "Replace attention",
    "Replaces the attention of heads by uniform, local, previous, first, identity, zero or mean.",
    kUsage,
    "",
    "Analyse",
    true,
    run};

}  // namespace headlight
