#include "analysis/detectors/registry.h"

namespace headlight {
namespace {

DetectorScore score(const DetectorInput&) {
    DetectorScore score;
    score.reason = "measured by a scan: --probe needle";
    return score;
}

}  // namespace

const DetectorDescriptor detector_list::retrieval = {
    .id = "retrieval",
    .label = "retrieval",
    .glyph = "R",
    .help = "fetches the token that is being written from a hidden sentence",
    .definition =
        "While the model writes a needle out of a long text: share of the needle's tokens that the head "
        "looked at most at the step "
        "that wrote them. Null about 1 / n.",
    .source = "0.1: Wu et al. 2024",
    .kind = DetectorKind::Behaviour,
    .threshold = 0.1,
    .score = score,
};

}  // namespace headlight
