// Detector: attends from a closing quotation mark to the one that opened it.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"
#include "analysis/patterns/target_scoring.h"

namespace headlight {
namespace {

constexpr double kMargin = 0.1;

/// The mark that opens what `mark` closes; 0 if it closes nothing. A straight quote closes itself.
char32_t partner_of(char32_t mark) {
    switch (mark) {
        case U'"':
            return U'"';
        case U'”':
            return U'“';
        case U'»':
            return U'«';
        default:
            return 0;
    }
}

/// From a token that closes a quotation to the one that opened it. Marks of one kind do not nest.
KeySet key_set(const TextLabels& labels) {
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    KeySetBuilder builder("quote");
    std::size_t straight = kNone, curly = kNone, angled = kNone;
    for (std::size_t query = 0; query < labels.tokens.size(); ++query) {
        std::size_t partner = kNone;
        for (const char32_t mark : labels.tokens[query].quotes) {
            std::size_t& open = mark == U'"' ? straight : (mark == U'«' || mark == U'»' ? angled : curly);
            if (partner_of(mark) != 0 && open != kNone) {
                partner = open < query ? open : partner;
                open = kNone;
            } else if (mark != U'”' && mark != U'»') {
                open = query;
            }
        }
        if (partner != kNone) builder.add(partner);
        builder.end_row();
    }
    return builder.take();
}

DetectorScore score(const DetectorInput& input) {
    return score_targets(input, kMargin);
}

}  // namespace

extern const DetectorDescriptor k_detector_quote = {
    .id = "quote",
    .label = "matching quote",
    .glyph = "\"\"",
    .help = "attends from a closing quotation mark to the one that opened it",
    .definition =
        "P: j < i, token i closes a double quotation mark or guillemet that token j opened (single ones are "
        "apostrophes too "
        "often). Null: pairs over admissible keys of each row. The threshold is on the share of rows whose "
        "largest key, but 0 "
        "and i, is in P, above that of the best fixed offset.",
    .source = "10 points above the best fixed offset: Voita et al. 2019",
    .kind = DetectorKind::Content,
    .threshold = kMargin,
    .key_set = key_set,
    .score = score,
    .has_argmax_threshold = true,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Word,
    .why_no_coarser = "quotations are within them",
};

}  // namespace headlight
