// The validation report for people (text, HTML) and for programs (JSON).
#pragma once

#include <string>

#include "cli/json_out.h"
#include "study/validation/validation.h"

namespace headlight {

/// "✓", "ℹ", "⚠️ ", "❌" or "".
std::string mark_sign(CheckMark mark);

/// The report as the document prints it: nine numbered parts, summary, conclusion.
std::string validation_text_report(const ValidationReport& report);

/// Everything, numbers plain: {"model", "sequences", "tests": [{"number", "id", "title", "lines", "meaning",
/// "numbers", "tables"}], "summary": {"passed", "counted", "critical"}, "scenario", "conclusion", "advice"}.
Json validation_json(const ValidationReport& report);

/// One page that needs no other file. Everything that came from a model or a text is escaped.
std::string validation_html(const ValidationReport& report);

}  // namespace headlight
