// What text, JSON and pictures of one analysed text share.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "run/analyzed_run.h"

namespace headlight {

/// Matrix that the report of a layer is about: the scope's head, or the mean over the heads. [queries, keys]
std::vector<float> report_matrix(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// The keys of a row that a list names, largest first; of effects by their distance from zero. None where the
/// row has no values.
std::vector<KeyWeight> report_keys(const AnalyzedRun& run, std::span<const float> row, int layer, int query,
                                   int count);

/// "weight: 0.450", "length: 1.250", "effect: +2.870".
std::string shown_number(const AnalyzedRun& run, double value);

/// "previous token 0.76": tags of a head on this text, strongest first; empty if it has none.
std::string tag_summary(const AnalyzedRun& run, HeadId id);

}  // namespace headlight
