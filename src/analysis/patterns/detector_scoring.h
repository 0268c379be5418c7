// What all detectors share: the sums over scored rows, and the rule that turns them into a tag.
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include "analysis/detector.h"
#include "analysis/patterns/even_heads.h"

namespace headlight {

/// Besides its own threshold a tag needs one of these.
inline constexpr double kLeastLift = 2.0;
inline constexpr double kLeastKappa = 0.25;
/// A content tag needs this lift in any case: where most keys are of the kind, a small preference is a large
/// kappa.
inline constexpr double kLeastContentLift = 1.5;
/// A head that spends less than this outside the first token and itself rests: nothing is said of its
/// content.
inline constexpr double kLeastActiveMass = 0.2;

/// Sums S, S0 and the argmax rate over the rows that carry information.
class ScoreSum {
  public:
    /// One row: the mass of its pairs, here and for a uniform head, the number of them, its admissible keys,
    /// and whether its largest key is among them. Rows without pairs, and rows whose keys are all in the set,
    /// are left out.
    void add(double mass, double even_mass, int num_pairs, int num_keys, bool holds_argmax);
    int num_rows() const { return num_rows_; }
    /// Score, null, lift, kappa and argmax rate; not yet tagged.
    DetectorScore finish() const;

  private:
    double mass_ = 0, null_ = 0;
    int num_rows_ = 0, num_argmax_ = 0;
};

/// Ratio of sums: the mass on a class over the mass on all keys that could hold it, here and for a uniform
/// head.
class RatioSum {
  public:
    /// One row: mass on the class and on all eligible keys, and what a uniform head has on both.
    void add(double mass, double eligible_mass, double even_mass, double even_eligible_mass);
    void count_argmax(bool is_hit) { num_argmax_ += is_hit ? 1 : 0; }
    int num_rows() const { return num_rows_; }
    /// Mean mass on eligible keys.
    double mean_eligible() const { return num_rows_ == 0 ? 0.0 : eligible_ / num_rows_; }
    /// As ScoreSum's; no score where the head puts nothing on eligible keys.
    DetectorScore finish() const;

  private:
    double mass_ = 0, eligible_ = 0, even_mass_ = 0, even_eligible_ = 0;
    int num_rows_ = 0, num_argmax_ = 0;
};

/// Fills lift and kappa from score and null.
void compare_with_null(DetectorScore& score);

/// True if lift or kappa clears its floor, and the lift `least_lift`; appends the comparison that decided to
/// `reason`.
bool beats_null(const DetectorScore& score, std::string& reason, double least_lift = 0);

/// "score 0.76 >= 0.50" or "score 0.10 < 0.50", appended to `reason`; true if it is reached.
bool reaches(const char* name, double value, double threshold, std::string& reason);

/// "; 12 rows of one text, not a test"
std::string sample_note(int num_rows);

enum class TagStatistic { Score, Kappa };

/// Sets is_tagged and reason of a positional detector.
void apply_tag_rule(DetectorScore& score, double threshold, TagStatistic statistic = TagStatistic::Score);

/// Keys that row `query` may look at.
KeyRange keys_of_row(const DetectorInput& input, int query);

inline bool holds(KeyRange range, int key) {
    return key >= range.begin && key < range.end;
}

/// The pairs of one row that the mask shows (a sliding window may hide some).
struct PairRow {
    int query = 0;
    const RowStats* stats = nullptr;
    KeyRange keys;
    std::span<const std::uint32_t> pairs;
    double mass = 0;
    const RowStats* even = nullptr;  // the row of a uniform head between units; null between tokens
    double even_unit_mass = 0;       // of the pairs in it

    /// Mass of a uniform head on the pairs, and outside the first token and the token itself.
    double even_mass() const {
        return even != nullptr ? even_unit_mass : static_cast<double>(num_pairs()) / stats->num_keys;
    }
    double even_active() const {
        if (even == nullptr) return static_cast<double>(num_active()) / stats->num_keys;
        return std::max(0.0, 1.0 - even->self - (drops_first() ? even->first : 0.0f));
    }
    int num_pairs() const { return static_cast<int>(pairs.size()); }
    bool holds_key(int key) const {
        return key >= 0 && std::binary_search(pairs.begin(), pairs.end(), static_cast<std::uint32_t>(key));
    }
    bool drops_first() const { return keys.begin == 0 && query != 0; }
    /// Attention outside the first token and the token itself.
    double active_mass() const {
        return std::max(0.0, 1.0 - stats->self - (drops_first() ? stats->first : 0.0f));
    }
    int num_active() const {
        return stats->num_keys - (drops_first() ? 1 : 0) - (holds(keys, query) ? 1 : 0);
    }
};

/// The pairs of row `query` in the detector's key set; only where has_pairs(input).
PairRow pair_row(const DetectorInput& input, int query);
/// Whether key set and masses of this text are there.
inline bool has_pairs(const DetectorInput& input) {
    return input.key_set != nullptr && input.mass.size() == input.rows.size();
}
/// Why there is no score: tokens unknown, or a text too long for detectors that read rows.
DetectorScore not_measured(const DetectorInput& input);

/// Score of a detector whose pairs of a row are one range of keys. set_of(query): that range, before the
/// mask; mass_of(row): its mass.
template <class SetOf, class MassOf>
DetectorScore score_ranges(const DetectorInput& input, const SetOf& set_of, const MassOf& mass_of) {
    ScoreSum sum;
    for (int query = 1; query < static_cast<int>(input.rows.size()); ++query) {
        const RowStats& row = input.rows[static_cast<std::size_t>(query)];
        if (row.num_keys == 0) continue;
        const KeyRange keys = keys_of_row(input, query);
        const KeyRange set = set_of(query);
        const int num_pairs = std::min(set.end, keys.end) - std::max(set.begin, keys.begin);
        const double even = input.even != nullptr ? mass_of(input.even->rows[static_cast<std::size_t>(query)])
                                                  : static_cast<double>(num_pairs) / row.num_keys;
        sum.add(mass_of(row), even, num_pairs, row.num_keys, holds(set, row.argmax));
    }
    return sum.finish();
}

/// Framework score of a key set, not yet tagged. The largest key is taken over all keys of the row.
DetectorScore score_pairs(const DetectorInput& input);

/// Score and tag of a content detector from the mass of its key set. `score` is over all keys; the tag is
/// decided on the part outside the first token and the token itself, which must be at least 0.2 of the
/// attention.
DetectorScore score_key_set(const DetectorInput& input, double threshold);

/// Score and tag of a key class: ratio of sums over keys but the first and the token itself. The largest key
/// is taken over those.
DetectorScore score_key_class(const DetectorInput& input, double threshold);

}  // namespace headlight
