// Heads for which an expression holds, as text; all heads as comma-separated values.
#pragma once

#include <optional>
#include <string>

#include "analysis/search/head_query.h"
#include "run/analyzed_run.h"

namespace headlight {

/// "17 of 270 heads: induction and layer < 8", then a line a head with its tags and the numbers that the
/// expression names.
std::string matching_heads_text(const AnalyzedRun& run, const HeadQuery& query);

/// Writes head_table_csv() of all heads, or of those that match. Errors: those of write_file_atomic().
Status write_heads_csv(const std::string& path, const AnalyzedRun& run,
                       const std::optional<HeadQuery>& query);

}  // namespace headlight
