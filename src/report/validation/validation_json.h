// The validation report for programs.
#pragma once

#include "report/json_out.h"
#include "study/validation/validation.h"

namespace headlight {

/// Everything, numbers plain: {"model", "sequences", "tests": [{"number", "id", "title", "lines", "meaning",
/// "numbers", "tables"}], "summary": {"passed", "counted", "critical"}, "scenario", "conclusion", "advice"}.
Json validation_json(const ValidationReport& report);

}  // namespace headlight
