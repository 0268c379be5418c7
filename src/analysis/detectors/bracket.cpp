// Detector: attends from a closing bracket to the one that opened it.
#include <string_view>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"
#include "analysis/patterns/target_scoring.h"

namespace headlight {
namespace {

constexpr double kMargin = 0.1;

struct Open {
    char bracket;
    std::size_t token;
};

/// Removes the partner of `closing` from the stack, with what was opened after it and never closed; its
/// token, or none.
std::size_t take_partner(std::vector<Open>& open, char closing, std::size_t none) {
    constexpr std::string_view kOpening = "([{", kClosing = ")]}";
    const char wanted = kOpening[kClosing.find(closing)];
    for (std::size_t i = open.size(); i > 0; --i) {
        if (open[i - 1].bracket != wanted) continue;
        const std::size_t token = open[i - 1].token;
        open.resize(i - 1);
        return token;
    }
    return none;
}

/// From a token that closes brackets to the tokens that opened them.
KeySet key_set(const TextLabels& labels) {
    KeySetBuilder builder("bracket");
    std::vector<Open> open;
    for (std::size_t query = 0; query < labels.tokens.size(); ++query) {
        std::vector<std::size_t> partners;
        for (const char bracket : labels.tokens[query].brackets) {
            if (bracket == '(' || bracket == '[' || bracket == '{') {
                open.push_back({bracket, query});
                continue;
            }
            const std::size_t partner = take_partner(open, bracket, query);
            if (partner < query) partners.push_back(partner);
        }
        std::sort(partners.begin(), partners.end());
        partners.erase(std::unique(partners.begin(), partners.end()), partners.end());
        for (const std::size_t partner : partners)
            builder.add(partner);
        builder.end_row();
    }
    return builder.take();
}

DetectorScore score(const DetectorInput& input) {
    return score_targets(input, kMargin);
}

}  // namespace

extern const DetectorDescriptor k_detector_bracket = {
    .id = "bracket",
    .label = "matching bracket",
    .glyph = "()",
    .help = "attends from a closing bracket to the one that opened it",
    .definition =
        "P: j < i, token i closes a bracket ( [ { that token j opened. Null: pairs over admissible keys of "
        "each row. The "
        "threshold is on the share of rows whose largest key, but 0 and i, is in P, above that of the best "
        "fixed offset.",
    .source = "10 points above the best fixed offset: Voita et al. 2019",
    .kind = DetectorKind::Content,
    .threshold = kMargin,
    .key_set = key_set,
    .score = score,
    .has_argmax_threshold = true,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Word,
    .why_no_coarser = "brackets are within them",
};

}  // namespace headlight
