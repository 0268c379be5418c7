// The table of detectors of a class of keys.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;

/// A line of the table.
struct ClassDetector {
    const char *id, *label, *glyph, *help, *definition, *source;
    TextUnit coarsest;
    const char* why_no_coarser;
};

template <bool TokenLabel::*IsKey>
bool is_key(const TokenLabel& label) {
    return label.*IsKey;
}

template <const ClassDetector& Line, bool TokenLabel::*IsKey>
constexpr DetectorDescriptor of_class() {
    return {
        .id = Line.id,
        .label = Line.label,
        .glyph = Line.glyph,
        .help = Line.help,
        .definition = Line.definition,
        .source = Line.source,
        .kind = DetectorKind::Content,
        .threshold = kThreshold,
        .key_set = [](const TextLabels& labels) { return class_key_set(Line.id, labels, is_key<IsKey>); },
        .score = [](const DetectorInput& input) { return score_key_class(input, kThreshold); },
        .permutation = LabelPermutation::Shift,
        .is_key = is_key<IsKey>,
        .coarsest = Line.coarsest,
        .why_no_coarser = Line.why_no_coarser,
    };
}

constexpr ClassDetector kPunctuation = {
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
    .coarsest = TextUnit::Word,
    .why_no_coarser = "marks are within them",
};
constexpr ClassDetector kWhitespace = {
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
    .coarsest = TextUnit::Token,
    .why_no_coarser = "every one of them starts a word",
};

}  // namespace

extern const DetectorDescriptor k_detector_punctuation =
    of_class<kPunctuation, &TokenLabel::is_punctuation>();
extern const DetectorDescriptor k_detector_whitespace = of_class<kWhitespace, &TokenLabel::is_boundary>();

}  // namespace headlight
