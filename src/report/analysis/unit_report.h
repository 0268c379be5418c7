// Attention between words, sentences or lines, as JSON and as arrays of a dump.
#pragma once

#include <vector>

#include "base/result.h"
#include "io/attention/attention_dump.h"
#include "report/json_out.h"
#include "run/analyzed_run.h"

namespace headlight {

/// {"by", "from", "units", "key_units", "layers": [{"layer", "uniform", "uniform_entropy"}], "heads":
/// [{"layer", "head", "weights", "entropy", "entropy_normalized"}]}; entropies, nats, of plain weights only.
/// The run has units.
Json units_json(const AnalyzedRun& run, const ReportScope& scope);

/// Whether the weights between units of all heads, which JSON and dumps hold, are few enough. Errors:
/// OutOfMemory.
Status check_unit_arrays(const AnalyzedRun& run);

/// "words.raw" [layer, head, query, key], "words.uniform" [layer, query, key] and "words.entropy" [layer,
/// head, query] of what the run shows; "sentences." and "lines." alike. None where the run has no units.
std::vector<DumpedArray> unit_arrays(const AnalyzedRun& run);

}  // namespace headlight
