// An analysed text for people.
#pragma once

#include <functional>
#include <string_view>

#include "run/analyzed_run.h"

namespace headlight {

/// Tells it piece by piece, so that the first layers of a long text can be read at once. Without a tokenizer
/// (null) predictions are ids.
void analysis_text(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer,
                   const std::function<void(std::string_view)>& write);

}  // namespace headlight
