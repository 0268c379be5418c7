#include "analysis/patterns/detector_scoring.h"

#include <fmt/format.h>

namespace headlight {
namespace {

void append(std::string& reason, const std::string& part) {
    if (!reason.empty()) reason += ", ";
    reason += part;
}

/// Attention outside the first token and the token itself, over the scored rows, and what a uniform head has
/// there.
struct ActiveSum {
    double mass = 0, pairs_mass = 0, first = 0;
    double even_mass = 0, even_pairs_mass = 0;
    int num_rows = 0;

    /// `is_first_pair`: the set itself holds key 0, which then is no sink but a target.
    void add(const PairRow& pairs, bool is_first_pair) {
        const RowStats& row = *pairs.stats;
        const bool drops_first = pairs.drops_first() && !is_first_pair;
        const int dropped_keys = (drops_first ? 1 : 0) + (holds(pairs.keys, pairs.query) ? 1 : 0);
        mass += std::max(0.0, 1.0 - row.self - (drops_first ? row.first : 0.0f));
        pairs_mass += pairs.mass;
        first += row.first;
        even_mass += pairs.even != nullptr
                         ? std::max(0.0, 1.0 - pairs.even->self - (drops_first ? pairs.even->first : 0.0f))
                         : static_cast<double>(row.num_keys - dropped_keys) / row.num_keys;
        even_pairs_mass += pairs.even_mass();
        ++num_rows;
    }
    DetectorScore finish() const {
        DetectorScore active;
        if (mass <= 0 || even_mass <= 0) return active;
        active.score = std::min(1.0, pairs_mass / mass);
        active.null = even_pairs_mass / even_mass;
        compare_with_null(active);
        return active;
    }
};

void apply_content_rule(DetectorScore& score, const ActiveSum& sum, double threshold) {
    const double active_mass = sum.mass / sum.num_rows;
    std::string reason = fmt::format("first token holds {:.2f}", sum.first / sum.num_rows);
    bool is_tagged =
        reaches("attention outside it and the token itself", active_mass, kLeastActiveMass, reason);
    const DetectorScore active = sum.finish();
    if (is_tagged && active.score) {
        is_tagged = reaches("share of that on the pairs", *active.score, threshold, reason) && is_tagged;
        is_tagged = beats_null(active, reason, kLeastContentLift) && is_tagged;
    }
    score.is_tagged = is_tagged && active.score.has_value();
    score.reason = fmt::format("score {:.2f}, ", *score.score) + reason + sample_note(score.num_rows);
}

}  // namespace

std::string sample_note(int num_rows) {
    return fmt::format("; {} {} of one text, not a test", num_rows, num_rows == 1 ? "row" : "rows");
}

void compare_with_null(DetectorScore& score) {
    score.lift = score.kappa = std::nullopt;
    if (!score.score || !score.null) return;
    if (*score.null > 0) score.lift = *score.score / *score.null;
    if (*score.null < 1) score.kappa = (*score.score - *score.null) / (1 - *score.null);
}

void ScoreSum::add(double mass, double even_mass, int num_pairs, int num_keys, bool holds_argmax) {
    if (num_pairs <= 0 || num_pairs >= num_keys) return;
    mass_ += std::clamp(mass, 0.0, 1.0);
    null_ += even_mass;
    num_argmax_ += holds_argmax ? 1 : 0;
    ++num_rows_;
}

DetectorScore ScoreSum::finish() const {
    DetectorScore score;
    score.num_rows = num_rows_;
    if (num_rows_ == 0) {
        score.reason = "no row of this text can show the pattern";
        return score;
    }
    score.score = mass_ / num_rows_;
    score.null = null_ / num_rows_;
    score.lift = mass_ / null_;
    score.kappa = (*score.score - *score.null) / (1 - *score.null);
    score.argmax_rate = static_cast<double>(num_argmax_) / num_rows_;
    return score;
}

void RatioSum::add(double mass, double eligible_mass, double even_mass, double even_eligible_mass) {
    mass_ += mass;
    eligible_ += eligible_mass;
    even_mass_ += even_mass;
    even_eligible_ += even_eligible_mass;
    ++num_rows_;
}

DetectorScore RatioSum::finish() const {
    DetectorScore score;
    score.num_rows = num_rows_;
    if (num_rows_ == 0 || even_eligible_ <= 0) {
        score.num_rows = 0;
        score.reason = "no row of this text can show the pattern";
        return score;
    }
    if (!(eligible_ > 0)) {
        score.reason = "the head looks at nothing but the first token and the token itself";
        return score;
    }
    score.score = std::clamp(mass_ / eligible_, 0.0, 1.0);
    score.null = even_mass_ / even_eligible_;
    score.argmax_rate = static_cast<double>(num_argmax_) / num_rows_;
    compare_with_null(score);
    return score;
}

bool reaches(const char* name, double value, double threshold, std::string& reason) {
    const bool is_reached = value >= threshold;
    append(reason, fmt::format("{} {:.2f} {} {:.2f}", name, value, is_reached ? ">=" : "<", threshold));
    return is_reached;
}

bool beats_null(const DetectorScore& score, std::string& reason, double least_lift) {
    const double lift = score.lift.value_or(0), kappa = score.kappa.value_or(0);
    if (lift < least_lift) {
        append(reason, fmt::format("lift {:.2f} < {:.1f}", lift, least_lift));
        return false;
    }
    if (lift >= kLeastLift) {
        append(reason, fmt::format("lift {:.1f} >= {:.0f}", lift, kLeastLift));
    } else if (kappa >= kLeastKappa) {
        append(reason, fmt::format("kappa {:.2f} >= {:.2f}", kappa, kLeastKappa));
    } else {
        append(reason, fmt::format("lift {:.1f} < {:.0f} and kappa {:.2f} < {:.2f}", lift, kLeastLift, kappa,
                                   kLeastKappa));
        return false;
    }
    return true;
}

void apply_tag_rule(DetectorScore& score, double threshold, TagStatistic statistic) {
    if (!score.score) return;
    std::string reason;
    const bool is_kappa = statistic == TagStatistic::Kappa;
    const bool is_strong =
        reaches(is_kappa ? "kappa" : "score", is_kappa ? *score.kappa : *score.score, threshold, reason);
    const bool is_above_null = beats_null(score, reason);
    score.is_tagged = is_strong && is_above_null;
    score.reason = reason + sample_note(score.num_rows);
}

KeyRange keys_of_row(const DetectorInput& input, int query) {
    if (!input.key_ranges.empty()) return input.key_ranges[static_cast<std::size_t>(query)];
    if (input.trace != nullptr) return input.trace->admissible(input.head.layer, query);
    return {query + 1 - input.rows[static_cast<std::size_t>(query)].num_keys, query + 1};
}

DetectorScore not_measured(const DetectorInput& input) {
    DetectorScore nothing;
    if (input.tokens.size() != input.rows.size()) {
        nothing.reason = "the tokens of this text are not known";
    } else {
        nothing.reason = fmt::format(
            "not measured on {} tokens: this detector reads every row, which is done up to {} "
            "tokens here and at any length by a scan",
            input.rows.size(), kMostRowDetectorTokens);
    }
    return nothing;
}

PairRow pair_row(const DetectorInput& input, int query) {
    const auto index = static_cast<std::size_t>(query);
    const KeySet& set = *input.key_set;
    PairRow row;
    row.query = query;
    row.stats = &input.rows[index];
    row.mass = input.mass[index];
    row.keys = keys_of_row(input, query);
    if (input.even != nullptr) {
        row.even = &input.even->rows[index];
        row.even_unit_mass = input.even_mass.empty() ? 0.0 : static_cast<double>(input.even_mass[index]);
    }
    row.pairs = set.row(index);
    if (row.pairs.empty()) return row;
    const auto first = static_cast<std::uint32_t>(std::max(0, row.keys.begin)),
               last = static_cast<std::uint32_t>(std::max(0, row.keys.end));
    if (row.pairs.front() >= first && row.pairs.back() < last) return row;  // no window: nothing is hidden
    const auto begin = std::lower_bound(row.pairs.begin(), row.pairs.end(), first);
    const auto end = std::lower_bound(begin, row.pairs.end(), last);
    row.pairs = {begin, end};
    return row;
}

namespace {

/// False for rows that no sum takes: they have no keys, or the text no pairs there.
bool may_score(const DetectorInput& input, int query) {
    const auto index = static_cast<std::size_t>(query);
    return input.rows[index].num_keys > 0 && !input.key_set->row(index).empty();
}

}  // namespace

DetectorScore score_pairs(const DetectorInput& input) {
    if (!has_pairs(input)) return not_measured(input);
    ScoreSum sum;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        if (!may_score(input, query)) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() >= row.stats->num_keys) continue;  // left out anyway: the search is not needed
        sum.add(row.mass, row.even_mass(), row.num_pairs(), row.stats->num_keys,
                row.holds_key(row.stats->argmax));
    }
    return sum.finish();
}

DetectorScore score_key_set(const DetectorInput& input, double threshold) {
    DetectorScore score = score_pairs(input);
    if (!score.score) return score;
    ActiveSum active;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        if (!may_score(input, query)) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() == 0 || row.num_pairs() >= row.stats->num_keys) continue;
        active.add(row, row.pairs.front() == 0);
    }
    apply_content_rule(score, active, threshold);
    return score;
}

DetectorScore score_key_class(const DetectorInput& input, double threshold) {
    if (!has_pairs(input)) return not_measured(input);
    RatioSum sum;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        if (!may_score(input, query)) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() == 0 || row.num_pairs() >= row.num_active()) continue;
        sum.add(row.mass, row.active_mass(), row.even_mass(), row.even_active());
        if (!input.content_argmax.empty())
            sum.count_argmax(row.holds_key(input.content_argmax[static_cast<std::size_t>(query)]));
    }
    DetectorScore score = sum.finish();
    if (!score.score) return score;
    std::string reason;
    bool is_tagged =
        reaches("attention outside first token and self", sum.mean_eligible(), kLeastActiveMass, reason);
    is_tagged = reaches("share of that on the class", *score.score, threshold, reason) && is_tagged;
    // Not kappa: where most keys are of the class, a small preference is a large kappa.
    score.is_tagged = reaches("lift", score.lift.value_or(0.0), kLeastLift, reason) && is_tagged;
    score.reason = reason + sample_note(score.num_rows);
    return score;
}

}  // namespace headlight
