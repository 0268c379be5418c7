#include "analysis/detectors/registry.h"

namespace headlight {
namespace {

DetectorScore score(const DetectorInput&) {
    DetectorScore score;
    score.reason = "measured by a scan: --probe copy";
    return score;
}

}  // namespace

const DetectorDescriptor detector_list::copying = {
    .id = "copying",
    .label = "copying",
    .glyph = "C",
    .help = "writes the token that it attends to",
    .definition =
        "Share of tokens whose own id is among the five largest logits of the head's output for them (after "
        "the first layer's "
        "feed-forward part, through the values, the output matrix, the last norm and the unembedding). Null "
        "5 / V.",
    .source = "0.5: name movers of Wang et al. 2022 reach 0.95, an average head stays below 0.2",
    .kind = DetectorKind::Behaviour,
    .threshold = 0.5,
    .score = score,
};

}  // namespace headlight
