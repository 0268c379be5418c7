// Detector: attends to special tokens.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.6;

bool is_key(const TokenLabel& label) {
    return label.is_special;
}

KeySet key_set(const TextLabels& labels) {
    return class_key_set("delimiter", labels, is_key, 0);
}

/// Here the first token belongs to the class where it is special, so only the token itself is left out.
DetectorScore score(const DetectorInput& input) {
    if (!has_pairs(input)) return not_measured(input);
    RatioSum sum;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        if (input.rows[static_cast<std::size_t>(query)].num_keys == 0) continue;
        const PairRow row = pair_row(input, query);
        const int num_eligible = row.stats->num_keys - (holds(row.keys, query) ? 1 : 0);
        if (row.num_pairs() == 0 || row.num_pairs() >= num_eligible) continue;
        const double even = row.even != nullptr ? std::max(0.0, 1.0 - row.even->self)
                                                : static_cast<double>(num_eligible) / row.stats->num_keys;
        sum.add(row.mass, std::max(0.0, 1.0 - row.stats->self), row.even_mass(), even);
        sum.count_argmax(row.holds_key(row.stats->argmax));
    }
    DetectorScore score = sum.finish();
    apply_tag_rule(score, kThreshold);
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_delimiter = {
    .id = "delimiter",
    .label = "delimiter",
    .glyph = "#",
    .help = "attends to special tokens",
    .definition =
        "P: j < i (j other than i without a causal mask), token j is special (begin, end, separator). Score: "
        "sum of the mass on "
        "them over the mass on all keys but i, on rows that see both kinds. Null: the same of a uniform "
        "head. Where the "
        "first token is the only special one this repeats first_token with a higher threshold.",
    .source = "0.6: Clark et al. 2019",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
};

}  // namespace headlight
