#include "analysis/detectors/registry.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.4;

DetectorScore score(const DetectorInput& input) {
    DetectorScore result = score_ranges(
        input,
        [](int query) {
            return KeyRange{query, query + 1};
        },
        [](const RowStats& row) { return row.self; });
    apply_tag_rule(result, kThreshold);
    return result;
}

}  // namespace

const DetectorDescriptor detector_list::self = {
    .id = "self",
    .label = "self",
    .glyph = "S",
    .help = "attends to the token itself",
    .definition = "P: j = i, rows >= 1. Causal null (H_T - 1) / (T - 1).",
    .source = "0.4: as courses on attention use it",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .key_set = nullptr,
    .score = score,
    .is_live = true,
};

}  // namespace headlight
