// The three ways in which `analyze` tells what it found: text, JSON, pictures.
#pragma once

#include <string>
#include <vector>

#include "run/analyze_text.h"

namespace headlight {

/// Prints the whole report to stdout.
void print_report(const AnalyzedRun& run, const AnalyzeOptions& options, const Tokenizer* tokenizer);

/// Writes everything that was printed, and every number of every head.
Status write_analysis_json(const AnalyzedRun& run, const AnalyzeOptions& options, const Tokenizer* tokenizer);

/// Files written, in order. Drawn on several threads; stops between two pictures when the job is stopped.
Result<std::vector<std::string>> draw_figures(const AnalyzedRun& run, const AnalyzeOptions& options,
                                              const JobContext& job);

}  // namespace headlight
