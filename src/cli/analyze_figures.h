// The pictures of `analyze`.
#pragma once

#include <string>
#include <vector>

#include "cli/analyze_options.h"

namespace headlight {

/// Files written, in order. Drawn on several threads; stops between two pictures when the job is stopped.
Result<std::vector<std::string>> draw_figures(const AnalyzedRun& run, const AnalyzeOptions& options,
                                              const JobContext& job);

}  // namespace headlight
