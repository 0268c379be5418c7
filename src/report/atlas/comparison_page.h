// Two atlases side by side: comparison.html.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// Heads found by each detector, strengths, maps and answers of both. Self-contained and escaped as the page
/// of one atlas. Errors: InvalidInput for an atlas whose parts do not fit each other.
Result<std::string> comparison_page(const Atlas& left, const Atlas& right);

Status write_atlas_comparison(const std::string& path, const Atlas& left, const Atlas& right);

}  // namespace headlight
