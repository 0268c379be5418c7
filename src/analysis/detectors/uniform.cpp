// Detector: spreads over all keys.
#include <cmath>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/row_measures.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.9;
constexpr int kLongRow = 20;
constexpr double kMostWeight = 0.1;

/// No set of pairs: the score is the normalised entropy, whose value for a uniform head is 1. Lift says how
/// near to it the head comes; kappa and the argmax rate do not exist.
DetectorScore score(const DetectorInput& input) {
    DetectorScore result;
    double entropy = 0, largest = 0;
    int num_long = 0;
    for (std::size_t query = 0; query < input.rows.size(); ++query) {
        const RowStats& row = input.rows[query];
        if (row.num_keys < 2) continue;
        const RowStats* even = input.even != nullptr ? &input.even->rows[query] : nullptr;
        const double most = even != nullptr ? static_cast<double>(even->entropy) : log_of_count(row.num_keys);
        entropy += std::clamp(row.entropy / most, 0.0, 1.0);
        ++result.num_rows;
        if (row.num_keys < kLongRow) continue;
        // Between units even heads have large weights too: what is above theirs counts.
        largest += row.max_weight - (even != nullptr ? even->max_weight : 0.0f);
        ++num_long;
    }
    if (result.num_rows == 0) {
        result.reason = "no row of this text can show the pattern";
        return result;
    }
    result.score = result.lift = entropy / result.num_rows;
    result.null = 1.0;
    std::string reason;
    result.is_tagged = reaches("entropy over uniform", *result.score, kThreshold, reason);
    if (num_long > 0) {
        const double mean_largest = largest / num_long;
        const bool is_flat = mean_largest <= kMostWeight;
        result.is_tagged = result.is_tagged && is_flat;
        reason += is_flat ? ", largest weight of rows with 20 keys or more <= 0.1"
                          : ", largest weight of rows with 20 keys or more > 0.1";
    }
    result.reason = reason + "; one text, not a test";
    return result;
}

}  // namespace

extern const DetectorDescriptor k_detector_uniform = {
    .id = "uniform",
    .label = "uniform",
    .glyph = "U",
    .help = "spreads over all keys",
    .definition =
        "Score: mean of H_i / ln n_i over rows with n_i >= 2; a uniform head reads 1, so lift is the score "
        "itself and "
        "there is no kappa. Tag: 0.9 or more, and on rows with n_i >= 20 a mean largest weight of at most "
        "0.1.",
    .source = "entropy from 0.9 proposed here; broad heads of Clark et al. 2019",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = nullptr,
    .score = score,
    .is_live = true,
};

}  // namespace headlight
