// A comparison of two runs in lines and tables.
#pragma once

#include <string>

#include "run/compare/comparison.h"

namespace headlight {

/// The aligned tokens, the `top_k` most changed heads, means of their metrics, and what both sides predict.
std::string comparison_text(const Comparison& comparison, int top_k);

/// Labels of the tags that a head has on one side, comma-separated; empty: none.
std::string tags_of(const ComparedRun& run, HeadId head);

}  // namespace headlight
