#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;

bool is_key(const TokenLabel& label) {
    return label.is_boundary;
}

KeySet key_set(const TextLabels& labels) {
    return class_key_set("whitespace", labels, is_key);
}

DetectorScore score(const DetectorInput& input) {
    return score_key_class(input, kThreshold);
}

}  // namespace

const DetectorDescriptor detector_list::whitespace = {
    .id = "whitespace",
    .label = "word start",
    .glyph = "_",
    .help = "attends to spaces and to starts of words",
    .definition =
        "P: j < i, token j is white space or, where tokens are longer than characters, the first of a word; "
        "key 0 left out. "
        "Score: sum of the mass on the class over the mass on all keys but 0 and i, on rows that see both "
        "kinds. Null: the "
        "same of a uniform head. Tag: those keys hold 0.2 or more of the attention, and lift is 2 or more.",
    .source = "0.3: as the requirement's first detector",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .permutation = LabelPermutation::Shift,
    .is_key = is_key,
};

}  // namespace headlight
