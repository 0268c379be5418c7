#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.5;

DetectorScore score(const DetectorInput& input) {
    DetectorScore result = score_ranges(
        input,
        [](int query) {
            return KeyRange{query - 1, query};
        },
        [](const RowStats& row) { return row.previous; });
    apply_tag_rule(result, kThreshold);
    return result;
}

}  // namespace

const DetectorDescriptor detector_list::previous_token = {
    .id = "previous_token",
    .label = "previous token",
    .glyph = "P",
    .help = "attends to the token just before",
    .definition = "P: j = i - 1, rows >= 1. Causal null (H_T - 1) / (T - 1).",
    .source =
        "0.5: positional threshold of Clark et al. 2019; argmax rate from 0.9 is strong (Voita et al. 2019)",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = nullptr,
    .score = score,
    .is_live = true,
};

}  // namespace headlight
