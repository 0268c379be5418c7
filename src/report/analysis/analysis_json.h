// An analysed text for programs.
#pragma once

#include "cli/analyze_result.h"
#include "report/json_out.h"

namespace headlight {

/// Everything that the text says, and every number of every head of the scope. Without a tokenizer (null)
/// predictions have no piece.
Json analysis_json(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer);

}  // namespace headlight
