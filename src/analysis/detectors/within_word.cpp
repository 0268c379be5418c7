// Detector: attends to earlier pieces of the same word.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.4;

/// The earlier pieces of the word that the query belongs to.
KeySet key_set(const TextLabels& labels) {
    KeySetBuilder builder("within_word");
    const std::vector<int> words = word_indices(labels.tokens);
    std::size_t begin = 0;  // of the current word
    for (std::size_t query = 0; query < words.size(); ++query) {
        if (query == 0 || words[query] != words[query - 1]) begin = query;
        if (words[query] >= 0) builder.add_range(std::max<std::size_t>(1, begin), query);
        builder.end_row();
    }
    return builder.take();
}

DetectorScore score(const DetectorInput& input) {
    return score_key_set(input, kThreshold);
}

}  // namespace

extern const DetectorDescriptor k_detector_within_word = {
    .id = "within_word",
    .label = "within word",
    .glyph = "W",
    .help = "attends to earlier pieces of the same word",
    .definition =
        "P: j < i, tokens j to i are pieces of one word, key 0 left out. Null: pairs over admissible keys of "
        "each row. The "
        "tag is decided on the attention outside the first token and the token itself, which must be 0.2 or "
        "more.",
    .source = "0.4 proposed here; after the custom patterns of TransformerLens",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Token,
    .why_no_coarser = "it is about the pieces of a word",
};

}  // namespace headlight
