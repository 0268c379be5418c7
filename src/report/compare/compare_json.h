// A comparison of two runs as JSON, and its numbers as tensors.
#pragma once

#include "report/json_out.h"
#include "run/compare/comparison.h"

namespace headlight {

/// Sides with their tokens, the aligned pairs, every head (most changed first), mean metrics, predictions.
Json comparison_json(const Comparison& comparison);

/// `compare.row_jsd` [layers, heads, queries of A], `compare.jsd` and `compare.jsd_after` [layers, heads] as
/// safetensors, 0 where no row was compared; of one named pair [1, 1, ..]. Metadata: name, family. Errors:
/// those of write_safetensors.
Status write_comparison(const std::string& path, const Comparison& comparison);

}  // namespace headlight
