// What the report of a text says beside the plain list where heads rest on the first key.
#pragma once

#include <span>
#include <string>

#include "run/analyzed_run.h"

namespace headlight {

/// A head rests when more than this of its attention (rows >= 1) is on the first key.
inline constexpr double kRestingMass = 0.5;

/// How many of the reported heads of a layer rest: of the scope's head, else of all.
int num_resting_heads(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// "  7 of 9 heads rest on the first key 'The' ...": a line under the layer's name; empty where none rests.
std::string resting_line(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// "    without 'The' (0.93): 'sat' 0.412, 'on' 0.210": the heaviest of the other keys, as shares of what is
/// left of the row [num_keys]; of a row that leaves less than 0.05 it says so. Empty where the row has no
/// other key, or never sees the first.
std::string rest_of_row(const AnalyzedRun& run, const ReportScope& scope, int layer, int query,
                        std::span<const float> row);

}  // namespace headlight
