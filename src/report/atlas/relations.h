// What an atlas says of gold syntax: heads under relations between words. All are empty for a scan without
// it.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"
#include "report/html/markup.h"

namespace headlight {

/// One line per head and relation; numbers plain, absent values empty.
Status write_relations_csv(const std::string& path, const Atlas& atlas);

/// The best head of each relation that has one above the best fixed offset.
std::string relations_text(const Atlas& atlas);

/// A table of the heads that beat the best fixed offset of a relation, best first.
Markup relations_part(const Atlas& atlas);

}  // namespace headlight
