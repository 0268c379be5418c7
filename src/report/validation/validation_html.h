// The validation report as one page.
#pragma once

#include <string>

#include "study/validation/validation.h"

namespace headlight {

/// One page that needs no other file. Everything that came from a model or a text is escaped.
std::string validation_html(const ValidationReport& report);

}  // namespace headlight
