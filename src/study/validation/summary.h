// What the nine parts add up to: the scenarios of the document, and what to do.
#pragma once

#include "study/validation/validation.h"

namespace headlight {

/// Fills scenario, reasons, conclusion and advice from the findings and the counted lines.
void conclude(ValidationReport& report);

}  // namespace headlight
