// What text, JSON and pictures of one analysed text share.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "run/analyzed_run.h"

namespace headlight {

/// Heads whose mean the report of a layer is about: the scope's, or all of them.
std::vector<HeadId> report_heads(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// Calls body(query, row [num_keys]) for every query with the mean of the heads' shown weights; holds few
/// rows at a time.
using RowBody = std::function<void(int, std::span<const float>)>;
void for_each_row(const AnalyzedRun& run, const std::vector<HeadId>& heads, const RowBody& body);

/// The keys of a row that a list names, largest first; of effects by their distance from zero. None where the
/// row has no values.
std::vector<KeyWeight> report_keys(const AnalyzedRun& run, std::span<const float> row, int layer, int query,
                                   int count);

/// "weight: 0.450", "length: 1.250", "effect: +2.870".
std::string shown_number(const AnalyzedRun& run, double value);

/// "previous token 0.76": tags of a head on this text, strongest first; empty if it has none.
std::string tag_summary(const AnalyzedRun& run, HeadId id);

}  // namespace headlight
