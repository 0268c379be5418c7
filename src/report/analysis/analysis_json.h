// An analysed text for programs.
#pragma once

#include "report/json_out.h"
#include "run/analyzed_run.h"

namespace headlight {

/// Everything that the text says, and every number of every head of the scope. Without a tokenizer (null)
/// predictions have no piece.
Json analysis_json(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer);

}  // namespace headlight
