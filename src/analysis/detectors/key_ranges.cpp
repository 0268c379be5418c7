// The table of detectors whose keys are a range by position: the row statistics hold its mass already.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

/// The keys from `Most` to `Least` places before the query.
template <int Most, int Least>
KeyRange before(int query) {
    return {query - Most, query - Least + 1};
}
KeyRange first_key(int) {
    return {0, 1};
}

/// A line of the table.
struct RangeDetector {
    const char *id, *label, *glyph, *help, *definition, *source;
    double threshold;
    TagStatistic threshold_on = TagStatistic::Score;
    TagStatistic threshold_between_units = TagStatistic::Score;
};

template <const RangeDetector& Line, auto Keys, auto Mass>
constexpr DetectorDescriptor of_range() {
    return {
        .id = Line.id,
        .label = Line.label,
        .glyph = Line.glyph,
        .help = Line.help,
        .definition = Line.definition,
        .source = Line.source,
        .kind = DetectorKind::Positional,
        .threshold = Line.threshold,
        .score =
            [](const DetectorInput& input) {
                DetectorScore score =
                    score_ranges(input, Keys, [](const RowStats& row) { return row.*Mass; });
                apply_tag_rule(score, Line.threshold,
                               input.even != nullptr ? Line.threshold_between_units : Line.threshold_on);
                return score;
            },
        .has_kappa_threshold = Line.threshold_on == TagStatistic::Kappa,
        .is_live = true,
    };
}

constexpr RangeDetector kPrevious = {
    .id = "previous_token",
    .label = "previous token",
    .glyph = "P",
    .help = "attends to the token just before",
    .definition = "P: j = i - 1, rows >= 1. Causal null (H_T - 1) / (T - 1).",
    .source =
        "0.5: positional threshold of Clark et al. 2019; argmax rate from 0.9 is strong (Voita et al. 2019)",
    .threshold = 0.5,
};
constexpr RangeDetector kFirst = {
    .id = "first_token",
    .label = "first token",
    .glyph = "F",
    .help = "rests on the first token",
    .definition = "P: j = 0, rows >= 1. Causal null (H_T - 1) / (T - 1).",
    .source = "0.3: sink threshold of Gu et al. 2024; 0.6 is dominant (Clark et al. 2019)",
    .threshold = 0.3,
};
constexpr RangeDetector kSelf = {
    .id = "self",
    .label = "self",
    .glyph = "S",
    .help = "attends to the token itself",
    .definition =
        "P: j = i, rows >= 1. Causal null (H_T - 1) / (T - 1). Between words, of which every head "
        "sees more in longer ones, the threshold is on kappa.",
    .source = "0.4: as courses on attention use it",
    .threshold = 0.4,
    .threshold_between_units = TagStatistic::Kappa,
};
constexpr RangeDetector kLocal = {
    .id = "local_window",
    .label = "local window",
    .glyph = "L",
    .help = "attends to the last few tokens, itself included",
    .definition =
        "P: i - 5 <= j <= i, rows > 5. Causal null 6 (H_T - H_6) / (T - 6). The threshold is on kappa.",
    .source = "kappa 0.5: proposed here",
    .threshold = 0.5,
    .threshold_on = TagStatistic::Kappa,
    .threshold_between_units = TagStatistic::Kappa,
};

}  // namespace

extern const DetectorDescriptor k_detector_previous_token =
    of_range<kPrevious, before<1, 1>, &RowStats::previous>();
extern const DetectorDescriptor k_detector_first_token = of_range<kFirst, first_key, &RowStats::first>();
extern const DetectorDescriptor k_detector_self = of_range<kSelf, before<0, 0>, &RowStats::self>();
extern const DetectorDescriptor k_detector_local_window = of_range<kLocal, before<5, 0>, &RowStats::local>();

}  // namespace headlight
