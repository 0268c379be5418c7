#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.5;
constexpr int kWindow = 5;  // RowStats::local

DetectorScore score(const DetectorInput& input) {
    DetectorScore result = score_ranges(
        input,
        [](int query) {
            return KeyRange{query - kWindow, query + 1};
        },
        [](const RowStats& row) { return row.local; });
    apply_tag_rule(result, kThreshold, TagStatistic::Kappa);
    return result;
}

}  // namespace

const DetectorDescriptor detector_list::local_window = {
    .id = "local_window",
    .label = "local window",
    .glyph = "L",
    .help = "attends to the last few tokens, itself included",
    .definition =
        "P: i - 5 <= j <= i, rows > 5. Causal null 6 (H_T - H_6) / (T - 6). The threshold is on kappa.",
    .source = "kappa 0.5: proposed here",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = nullptr,
    .score = score,
    .has_kappa_threshold = true,
    .is_live = true,
};

}  // namespace headlight
