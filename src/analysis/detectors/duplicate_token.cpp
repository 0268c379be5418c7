// Detector: attends to earlier copies of the same token.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.4;

/// A BOS whose id also stands in the text is no duplicate: key 0 is left out if it is special.
KeySet key_set(const TextLabels& labels) {
    return copies_key_set("duplicate_token", labels.tokens, [&](std::size_t key) {
        return key > 0 || !labels.tokens[0].is_special ? std::optional(labels.tokens[key].id) : std::nullopt;
    });
}

DetectorScore score(const DetectorInput& input) {
    return score_key_set(input, kThreshold);
}

}  // namespace

extern const DetectorDescriptor k_detector_duplicate_token = {
    .id = "duplicate_token",
    .label = "duplicate token",
    .glyph = "D",
    .help = "attends to earlier copies of the same token",
    .definition =
        "P: j < i with token j = token i; not key 0 if that is a special token. "
        "Null: pairs over admissible keys of each row. The tag is decided on the attention outside the first "
        "token and "
        "the token itself, which must be 0.2 or more.",
    .source = "0.4 on random repeats; heads of Wang et al. 2022",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .is_live = true,
    .permutation = LabelPermutation::Shuffle,
    .equal_id_offset = 0,
};

}  // namespace headlight
