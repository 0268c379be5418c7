#include "analysis/patterns/target_scoring.h"

#include <fmt/format.h>

#include <map>

#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

/// How often each distance would have been right.
class OffsetBaseline {
  public:
    void add(const PairRow& row) {
        for (const std::uint32_t key : row.pairs)
            ++hits_[row.query - static_cast<int>(key)];
    }
    /// The offset that is right most often; the nearest of several.
    std::pair<int, int> best() const {
        std::pair<int, int> best{0, 0};
        for (const auto& [offset, hits] : hits_) {
            if (hits > best.second) best = {offset, hits};
        }
        return best;
    }

  private:
    std::map<int, int> hits_;
};

}  // namespace

DetectorScore score_targets(const DetectorInput& input, double margin) {
    DetectorScore score = score_pairs(input);
    if (!score.score) return score;
    OffsetBaseline baseline;
    double active = 0;
    int num_rows = 0, num_hits = 0;
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        const RowStats& stats = input.rows[static_cast<std::size_t>(query)];
        if (stats.num_keys == 0) continue;
        const PairRow row = pair_row(input, query);
        if (row.num_pairs() == 0 || row.num_pairs() >= stats.num_keys) continue;
        baseline.add(row);
        active += row.active_mass();
        const bool has_content = !input.content_argmax.empty();
        num_hits +=
            row.holds_key(has_content ? input.content_argmax[static_cast<std::size_t>(query)] : stats.argmax)
                ? 1
                : 0;
        ++num_rows;
    }
    score.argmax_rate = static_cast<double>(num_hits) / num_rows;
    const auto [offset, hits] = baseline.best();
    std::string reason;
    bool is_tagged =
        reaches("attention outside first token and self", active / num_rows, kLeastActiveMass, reason);
    const std::string name = fmt::format("largest key right (best fixed offset {}: {:.2f})", -offset,
                                         static_cast<double>(hits) / num_rows);
    is_tagged =
        reaches(name.c_str(), *score.argmax_rate, static_cast<double>(hits) / num_rows + margin, reason) &&
        is_tagged;
    score.is_tagged = beats_null(score, reason, kLeastContentLift) && is_tagged;
    score.reason = reason + sample_note(num_rows);
    return score;
}

}  // namespace headlight
