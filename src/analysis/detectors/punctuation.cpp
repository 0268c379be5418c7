#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;

bool is_key(const TokenLabel& label) {
    return label.is_punctuation;
}

KeySet key_set(const TextLabels& labels) {
    return class_key_set("punctuation", labels, is_key);
}

DetectorScore score(const DetectorInput& input) {
    return score_key_class(input, kThreshold);
}

}  // namespace

const DetectorDescriptor detector_list::punctuation = {
    .id = "punctuation",
    .label = "punctuation",
    .glyph = ",",
    .help = "attends to punctuation",
    .definition =
        "P: j < i, token j is made of . , ; : ! ? or their relatives, key 0 left out. "
        "Score: sum of the mass on the class over the mass on all keys but 0 and i, on rows that see both "
        "kinds. Null: the "
        "same of a uniform head. Tag: those keys hold 0.2 or more of the attention, and lift is 2 or more.",
    .source = "0.3 proposed here; Clark et al. 2019 call 0.6 on periods and commas a punctuation head",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .permutation = LabelPermutation::Shift,
    .is_key = is_key,
};

}  // namespace headlight
