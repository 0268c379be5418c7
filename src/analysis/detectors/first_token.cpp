#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;

DetectorScore score(const DetectorInput& input) {
    DetectorScore result = score_ranges(
        input,
        [](int) {
            return KeyRange{0, 1};
        },
        [](const RowStats& row) { return row.first; });
    apply_tag_rule(result, kThreshold);
    return result;
}

}  // namespace

const DetectorDescriptor detector_list::first_token = {
    .id = "first_token",
    .label = "first token",
    .glyph = "F",
    .help = "rests on the first token",
    .definition = "P: j = 0, rows >= 1. Causal null (H_T - 1) / (T - 1).",
    .source = "0.3: sink threshold of Gu et al. 2024; 0.6 is dominant (Clark et al. 2019)",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = nullptr,
    .score = score,
    .is_live = true,
};

}  // namespace headlight
