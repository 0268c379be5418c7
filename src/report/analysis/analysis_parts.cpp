// The matrix of a layer and the tags of a head.
#include "report/analysis/analysis_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight {

std::vector<float> report_matrix(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    if (scope.head) return run.trace->matrix(layer, *scope.head);
    return mean_matrix_of_layer(*run.trace, layer);
}

std::string tag_summary(const AnalyzedRun& run, HeadId id) {
    std::vector<const Tag*> tags;
    for (const Tag& tag : run.analysis.head(id).tags) {
        if (tag.score.is_tagged) tags.push_back(&tag);
    }
    std::stable_sort(tags.begin(), tags.end(), [](const Tag* a, const Tag* b) {
        return a->score.kappa.value_or(0) > b->score.kappa.value_or(0);
    });
    std::string out;
    for (const Tag* tag : tags) {
        out += fmt::format("{}{} {:.2f}", out.empty() ? "" : ", ", tag->detector->label,
                           tag->score.score.value_or(0));
    }
    return out;
}

}  // namespace headlight
