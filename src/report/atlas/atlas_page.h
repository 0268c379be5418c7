// An atlas for people: report.html, which needs no other file.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// Self-contained: pictures are inline SVG, nothing is fetched. Everything that came from a corpus or a model
/// is escaped. Layer x head map per detector, tag table, top and decile examples per head, controls, answers,
/// methods. Errors: InvalidInput for an atlas whose parts do not fit each other.
Result<std::string> atlas_page(const Atlas& atlas);

Status write_atlas_report(const std::string& path, const Atlas& atlas);

}  // namespace headlight
