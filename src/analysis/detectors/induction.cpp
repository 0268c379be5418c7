// Detector: attends to the token that followed an earlier copy of this one.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.4;

/// The key after each earlier copy; where that is the query itself (a token doubled) it does not count.
KeySet key_set(const TextLabels& labels) {
    return copies_key_set("induction", labels.tokens, [&](std::size_t key) {
        return key > 0 ? std::optional(labels.tokens[key - 1].id) : std::nullopt;
    });
}

DetectorScore score(const DetectorInput& input) {
    return score_key_set(input, kThreshold);
}

}  // namespace

extern const DetectorDescriptor k_detector_induction = {
    .id = "induction",
    .label = "induction",
    .glyph = "I",
    .help = "attends to the token that followed an earlier copy of this one",
    .definition =
        "P: 1 <= j < i with token j-1 = token i. Null on BOS X X with blocks of B: (H_{2B+1} - H_{B+1}) / B. "
        "Null: pairs over admissible keys of each row. The tag is decided on the attention outside the first "
        "token and "
        "the token itself, which must be 0.2 or more.",
    .source = "0.4 on random repeats; Olsson et al. 2022",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .is_live = true,
    .permutation = LabelPermutation::Shuffle,
    .equal_id_offset = 1,
};

}  // namespace headlight
