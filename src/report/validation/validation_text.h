// The validation report as plain text.
#pragma once

#include <string>

#include "study/validation/validation.h"

namespace headlight {

/// "✓", "ℹ", "⚠️ ", "❌" or "".
std::string mark_sign(CheckMark mark);

/// The report as the document prints it: nine numbered parts, summary, conclusion.
std::string validation_report_text(const ValidationReport& report);

}  // namespace headlight
