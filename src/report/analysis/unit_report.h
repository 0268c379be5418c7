// Attention between words, sentences or lines as text and JSON.
#pragma once

#include "report/json_out.h"
#include "run/analyzed_run.h"

namespace headlight {

/// "Layer 2, words:" and under each word what it attends most to, with the lift over a head that spreads
/// evenly. Of the scope's head, else the mean over the heads. The run has units.
std::string unit_layer_text(const AnalyzedRun& run, const ReportScope& scope, int layer);

/// {"by", "units", "key_units", "layers": [{"layer", "uniform", "uniform_entropy"}], "heads": [{"layer",
/// "head", "weights", "entropy", "entropy_normalized"}]}; a unit is {"begin", "end", "text"} in tokens.
Json units_json(const AnalyzedRun& run, const ReportScope& scope);

}  // namespace headlight
