// Detector: attends within its own sentence, line or segment.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.5;

KeySet key_set(const TextLabels& labels) {
    KeySetBuilder builder("block");
    const std::vector<int> blocks = sentence_indices(labels.tokens);
    for (std::size_t query = 0; query < blocks.size(); ++query) {
        const auto [begin, end] = std::equal_range(blocks.begin(), blocks.end(), blocks[query]);
        const auto last = static_cast<std::size_t>(end - blocks.begin());
        builder.add_range(static_cast<std::size_t>(begin - blocks.begin()),
                          labels.is_causal ? query + 1 : last);
        builder.end_row();
    }
    return builder.take();
}

/// The tag looks at the block without the token itself and without the first token, which may be a sink.
DetectorScore score(const DetectorInput& input) {
    DetectorScore score = score_pairs(input);
    if (!score.score) return score;
    RatioSum others;
    for (int query = 1; query < static_cast<int>(input.rows.size()); ++query) {
        if (input.rows[static_cast<std::size_t>(query)].num_keys == 0) continue;
        const PairRow row = pair_row(input, query);
        const bool has_first = row.drops_first() && row.holds_key(0), has_self = row.holds_key(query);
        const int num_pairs = row.num_pairs() - (has_first ? 1 : 0) - (has_self ? 1 : 0);
        if (num_pairs <= 0 || num_pairs >= row.num_active()) continue;
        const double mass =
            row.mass - (has_first ? row.stats->first : 0.0f) - (has_self ? row.stats->self : 0.0f);
        const double even = row.even == nullptr ? static_cast<double>(num_pairs) / row.stats->num_keys
                                                : row.even_mass() - (has_first ? row.even->first : 0.0f) -
                                                      (has_self ? row.even->self : 0.0f);
        others.add(std::max(0.0, mass), row.active_mass(), std::max(0.0, even), row.even_active());
    }
    const DetectorScore part = others.finish();
    std::string reason;
    bool is_tagged =
        reaches("attention outside first token and self", others.mean_eligible(), kLeastActiveMass, reason);
    is_tagged =
        part.kappa && reaches("kappa of that within the block", *part.kappa, kThreshold, reason) && is_tagged;
    score.is_tagged = is_tagged && beats_null(part, reason, kLeastContentLift);
    score.reason = reason + sample_note(score.num_rows);
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_block = {
    .id = "block",
    .label = "same sentence",
    .glyph = "B",
    .help = "attends within its own sentence, line or segment",
    .definition =
        "P: j <= i in the sentence of i (which ends with . ! ? or their relatives, a line end, or a special "
        "token), rows "
        "that see more than it. Null: mean m_i / n_i. The threshold is on kappa without the token itself and "
        "key 0. Sentences are "
        "local, so a tag must beat the head's positional profile too, which takes a scan.",
    .source = "kappa 0.5 proposed here; block class of Kovaleva et al. 2019",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .has_kappa_threshold = true,
    .needs_profile = true,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Word,
    .why_no_coarser = "a sentence is its own block",
};

}  // namespace headlight
