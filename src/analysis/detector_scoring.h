// What all detectors share: the sums over scored rows, and the rule that turns them into a tag.
#pragma once

#include <algorithm>
#include <string>

#include "analysis/detector.h"

namespace headlight {

/// Besides its own threshold a tag needs one of these.
inline constexpr double kLeastLift = 2.0;
inline constexpr double kLeastKappa = 0.25;

/// Sums S, S0 and the argmax rate over the rows that carry information.
class ScoreSum {
  public:
    /// One row: the mass and the number of its pairs, its admissible keys, and whether its largest key is
    /// among them. Rows without pairs, and rows whose keys are all in the set, are left out.
    void add(double mass, int num_pairs, int num_keys, bool holds_argmax);
    int num_rows() const { return num_rows_; }
    /// Score, null, lift, kappa and argmax rate; not yet tagged.
    DetectorScore finish() const;

  private:
    double mass_ = 0, null_ = 0;
    int num_rows_ = 0, num_argmax_ = 0;
};

/// True if lift or kappa clears its floor; appends the comparison that decided to `reason`.
bool beats_null(const DetectorScore& score, std::string& reason);

/// "score 0.76 >= 0.50" or "score 0.10 < 0.50", appended to `reason`; true if it is reached.
bool reaches(const char* name, double value, double threshold, std::string& reason);

enum class TagStatistic { Score, Kappa };

/// Sets is_tagged and reason of a positional detector.
void apply_tag_rule(DetectorScore& score, double threshold, TagStatistic statistic = TagStatistic::Score);

/// Keys that row `query` may look at.
KeyRange keys_of_row(const DetectorInput& input, int query);

inline bool holds(KeyRange range, int key) {
    return key >= range.begin && key < range.end;
}

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
        sum.add(mass_of(row), num_pairs, row.num_keys, holds(set, row.argmax));
    }
    return sum.finish();
}

/// Score and tag of a content detector from the captured mass of its key set. `score` is over all keys; the
/// tag is decided on the part outside the first token and the token itself, which must be at least 0.2 of the
/// attention.
DetectorScore score_key_set(const DetectorInput& input, double threshold);

}  // namespace headlight
