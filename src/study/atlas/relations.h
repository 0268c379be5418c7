// What an atlas says of gold syntax: heads under relations between words.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// One line per head and relation; numbers plain, absent values empty, names in quotes.
Status write_relations_csv(const std::string& path, const Atlas& atlas);

}  // namespace headlight
