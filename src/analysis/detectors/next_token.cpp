// Detector: attends to the token just after.
#include "analysis/detectors/offset.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.5;

KeySet key_set(const TextLabels& labels) {
    return offset_key_set("next_token", labels, -1);
}

DetectorScore score(const DetectorInput& input) {
    DetectorScore score = offset_score(input, kThreshold);
    const bool is_causal = input.trace != nullptr && input.trace->info().is_causal;
    if (!score.score && is_causal && has_pairs(input))
        score.reason = "no token of this model sees the one after it";
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_next_token = {
    .id = "next_token",
    .label = "next token",
    .glyph = "N",
    .help = "attends to the token just after",
    .definition = "P: j = i + 1, rows below the last; only where the mask shows later keys. Null 1 / T.",
    .source = "0.5: positional threshold of Clark et al. 2019",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
};

}  // namespace headlight
