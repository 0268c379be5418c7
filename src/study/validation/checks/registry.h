// Declares one descriptor per line of checks.def; each is defined in the file of its name.
#pragma once

#include "study/validation/check.h"

namespace headlight::check_list {

#define HEADLIGHT_CHECK_PART(name) extern const ValidationCheckDescriptor name;
#include "study/validation/checks/checks.def"
#undef HEADLIGHT_CHECK_PART

}  // namespace headlight::check_list
