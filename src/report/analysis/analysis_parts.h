// What text, JSON and pictures of one analysed text share.
#pragma once

#include <string>
#include <vector>

#include "run/analyzed_run.h"

namespace headlight {

/// Matrix that the report of a layer is about: the scope's head, or the mean over the heads. [queries, keys]
std::vector<float> report_matrix(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// "previous token 0.76": tags of a head on this text, strongest first; empty if it has none.
std::string tag_summary(const AnalyzedRun& run, HeadId id);

}  // namespace headlight
