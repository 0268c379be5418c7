// An atlas for spreadsheets.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// One line per head and detector; numbers plain, absent values empty.
Status write_atlas_csv(const std::string& path, const Atlas& atlas);

}  // namespace headlight
