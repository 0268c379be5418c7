// A training log as one picture: a panel for each metric, its values over steps.
#pragma once

#include <string>

#include "base/result.h"
#include "io/training/training_log.h"

namespace headlight {

/// SVG text. A metric and its layers ("attn_entropy", "attn_entropy/0" ...) share a panel, the layers as thin
/// lines from dark (first) to light (last). Steps without a value break the line. Empty text for a log
/// without values.
std::string training_chart(const TrainingLog& log);

/// Draws the log of a folder into its metrics.svg. Errors: those of reading and writing.
Status draw_training_log(const std::string& folder);

}  // namespace headlight
