// A run as what the functions of one text take.
#pragma once

#include "run/analyzed_run.h"
#include "run/analyzed_text.h"

namespace headlight {

/// The attention between tokens that the run's figures are of, with its texts; ids are 1.
AnalyzedText text_of_run(const AnalyzedRun& run);

}  // namespace headlight
