// Detector: attends to the rarest token so far.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.5;

/// Every copy of the rarest token among the eligible ones; rows with fewer than two of those are forced.
KeySet key_set(const TextLabels& labels) {
    KeySetBuilder builder("rare_token");
    const auto tokens = labels.tokens;
    for (std::size_t query = 0; query < tokens.size(); ++query) {
        const std::size_t end = labels.is_causal ? query : tokens.size();
        double rarest = 0;
        std::size_t num_eligible = 0;
        for (std::size_t key = 1; key < end; ++key) {
            if (key == query || tokens[key].is_special) continue;
            rarest = num_eligible == 0 ? tokens[key].rarity : std::max(rarest, tokens[key].rarity);
            ++num_eligible;
        }
        for (std::size_t key = 1; key < end && num_eligible > 1; ++key) {
            if (key != query && !tokens[key].is_special && tokens[key].rarity == rarest) builder.add(key);
        }
        builder.end_row();
    }
    return builder.take();
}

/// The share of rows whose largest key is the rarest decides (Voita's criterion), not the mass.
DetectorScore score(const DetectorInput& input) {
    DetectorScore score = score_pairs(input);
    if (!score.score) return score;
    double active = 0;
    int num_rows = 0, num_hits = 0;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        if (input.rows[static_cast<std::size_t>(query)].num_keys == 0) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() == 0 || row.num_pairs() >= row.stats->num_keys) continue;
        active += row.active_mass();
        const auto index = static_cast<std::size_t>(query);
        num_hits +=
            row.holds_key(input.content_argmax.empty() ? row.stats->argmax : input.content_argmax[index]);
        ++num_rows;
    }
    score.argmax_rate = static_cast<double>(num_hits) / num_rows;
    std::string reason;
    bool is_tagged =
        reaches("attention outside first token and self", active / num_rows, kLeastActiveMass, reason);
    is_tagged = reaches("largest key is the rarest", *score.argmax_rate, kThreshold, reason) && is_tagged;
    score.is_tagged = beats_null(score, reason, kLeastContentLift) && is_tagged;
    score.reason = reason + sample_note(num_rows);
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_rare_token = {
    .id = "rare_token",
    .label = "rare token",
    .glyph = "Ra",
    .help = "attends to the rarest token so far",
    .definition =
        "P: the rarest token (all its copies) among the keys j < i that are neither special nor key 0; by a "
        "table of "
        "frequencies where one is given, else by id, since merges are numbered by frequency. Null: pairs "
        "over admissible "
        "keys of each row. The threshold is on the share of rows whose largest key, but 0 and i, is in P.",
    .source = "Voita et al. 2019: 0.66 on the rarest token; 0.5 proposed here",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .has_argmax_threshold = true,
    .permutation = LabelPermutation::Shift,
    .coarsest = TextUnit::Word,
    .why_no_coarser = "rarity is known of words at most",
};

}  // namespace headlight
