// The table of detectors of what a head does while the model writes: only a probe of a scan measures them.
#include "analysis/detector.h"

namespace headlight {
namespace {

/// A line of the table.
struct BehaviourDetector {
    const char *id, *label, *glyph, *help, *definition, *source;
    double threshold;
    const char* reason;  // that a text has no score
};

template <const BehaviourDetector& Line>
constexpr DetectorDescriptor of_behaviour() {
    return {
        .id = Line.id,
        .label = Line.label,
        .glyph = Line.glyph,
        .help = Line.help,
        .definition = Line.definition,
        .source = Line.source,
        .kind = DetectorKind::Behaviour,
        .threshold = Line.threshold,
        .score =
            [](const DetectorInput&) {
                DetectorScore score;
                score.reason = Line.reason;
                return score;
            },
        .coarsest = TextUnit::Token,
        .why_no_coarser = "a scan measures it on tokens",
    };
}

constexpr BehaviourDetector kCopying = {
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
    .threshold = 0.5,
    .reason = "measured by a scan: --probe copy",
};
constexpr BehaviourDetector kRetrieval = {
    .id = "retrieval",
    .label = "retrieval",
    .glyph = "R",
    .help = "fetches the token that is being written from a hidden sentence",
    .definition =
        "While the model writes a needle out of a long text: share of the needle's tokens that the head "
        "looked at most at the step "
        "that wrote them. Null about 1 / n.",
    .source = "0.1: Wu et al. 2024",
    .threshold = 0.1,
    .reason = "measured by a scan: --probe needle",
};

}  // namespace

extern const DetectorDescriptor k_detector_copying = of_behaviour<kCopying>();
extern const DetectorDescriptor k_detector_retrieval = of_behaviour<kRetrieval>();

}  // namespace headlight
