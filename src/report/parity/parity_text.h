// A comparison with a reference, for people.
#pragma once

#include <string>

#include "core/model_spec.h"
#include "study/parity/parity_report.h"

namespace headlight {

std::string parity_text(const ParityReport& report, const ModelSpec& spec);

}  // namespace headlight
