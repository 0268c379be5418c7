// Detector: attends from the start of a line to starts of lines as far indented.
#include <map>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"
#include "analysis/patterns/target_scoring.h"

namespace headlight {
namespace {

constexpr double kMargin = 0.1;

/// From the start of a line to the starts of earlier lines as far indented. Rows before the second kind of
/// indentation has been seen have no pairs: with one kind only, every line start would be a target.
KeySet key_set(const TextLabels& labels) {
    KeySetBuilder builder("indent");
    std::map<int, std::vector<std::size_t>> lines;  // indentation -> first tokens of the lines
    for (std::size_t query = 0; query < labels.tokens.size(); ++query) {
        const int indent = labels.tokens[query].indent;
        if (indent >= 0) {
            std::vector<std::size_t>& alike = lines[indent];
            if (lines.size() > 1) {
                for (const std::size_t key : alike)
                    builder.add(key);
            }
            if (query > 0) alike.push_back(query);
        }
        builder.end_row();
    }
    return builder.take();
}

DetectorScore score(const DetectorInput& input) {
    return score_targets(input, kMargin);
}

}  // namespace

extern const DetectorDescriptor k_detector_indent = {
    .id = "indent",
    .label = "same indentation",
    .glyph = ">>",
    .help = "attends from the start of a line to starts of lines as far indented",
    .definition =
        "P: 1 <= j < i, tokens j and i are the first of lines with the same indentation, once two "
        "indentations have been seen. "
        "Null: pairs over admissible keys of each row. The threshold is on the share of rows whose largest "
        "key, but 0 and i, "
        "is in P, above that of the best fixed offset.",
    .source = "10 points above the best fixed offset: Voita et al. 2019",
    .kind = DetectorKind::Content,
    .threshold = kMargin,
    .key_set = key_set,
    .score = score,
    .has_argmax_threshold = true,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Word,
    .why_no_coarser = "indentation is of lines, and they are not asked for their starts",
};

}  // namespace headlight
