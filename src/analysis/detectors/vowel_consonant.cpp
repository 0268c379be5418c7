// Detector: treats vowels and consonants differently.
#include <cmath>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.2;
constexpr int kLeastRows = 2;  // of each kind

bool is_key(const TokenLabel& label) {
    return label.letter == LetterClass::Vowel;
}

int query_group(const TokenLabel& label) {
    if (label.letter == LetterClass::None) return -1;
    return label.letter == LetterClass::Consonant ? 0 : 1;
}

KeySet key_set(const TextLabels& labels) {
    return class_key_set("vowel_consonant", labels, is_key);
}

/// Share on vowels of the consonants' rows minus that of the vowels' rows; the uniform head's is the null.
DetectorScore score(const DetectorInput& input) {
    if (!has_pairs(input) || input.labels.tokens.size() != input.rows.size()) return not_measured(input);
    DetectorScore score;
    score.reason = "the tokens of this text are not characters";
    if (!input.labels.is_characters) return score;
    RatioSum groups[2];
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        const int group = query_group(input.labels.tokens[static_cast<std::size_t>(query)]);
        if (group < 0 || input.rows[static_cast<std::size_t>(query)].num_keys == 0) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() == 0 || row.num_pairs() >= row.num_active()) continue;
        groups[group].add(row.mass, row.active_mass(), row.even_mass(), row.even_active());
    }
    const DetectorScore consonants = groups[0].finish(), vowels = groups[1].finish();
    score.num_rows = groups[0].num_rows() + groups[1].num_rows();
    score.reason = "too few rows of vowels or consonants attend to other keys";
    const bool has_rows = groups[0].num_rows() >= kLeastRows && groups[1].num_rows() >= kLeastRows;
    if (!has_rows || !consonants.score || !vowels.score) return score;
    score.score = std::abs(*consonants.score - *vowels.score);
    score.null = std::abs(*consonants.null - *vowels.null);
    compare_with_null(score);
    apply_tag_rule(score, kThreshold);
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_vowel_consonant = {
    .id = "vowel_consonant",
    .label = "vowels and consonants",
    .glyph = "Vo",
    .help = "treats vowels and consonants differently",
    .definition =
        "Score: |share on vowels when a consonant asks - share on vowels when a vowel asks|, of the mass on "
        "keys but 0 and i; "
        "vowels a e i o u with accents, and alef he vav yod ayin; texts of single characters only. Null: the "
        "same of a uniform head. "
        "Vowels and consonants alternate, so a tag must beat the head's positional profile too, which takes "
        "a scan.",
    .source = "0.2: as the requirement's first detector",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .needs_profile = true,
    .permutation = LabelPermutation::Shift,
    .query_group = query_group,
    .coarsest = TextUnit::Token,
    .why_no_coarser = "it is about single letters",
};

}  // namespace headlight
