// An atlas for people and spreadsheets: atlas.csv, and report.html that needs no other file.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// One line per head and detector; numbers plain, absent values empty.
Status write_atlas_csv(const std::string& path, const Atlas& atlas);

/// Self-contained: pictures are inline SVG, nothing is fetched. Everything that came from a corpus or a model
/// is escaped. Layer x head map per detector, tag table, top and decile examples per head, controls, answers,
/// methods.
Status write_atlas_report(const std::string& path, const Atlas& atlas);

/// The same for two models side by side (heads found by each detector, strengths, answers).
Status write_atlas_comparison(const std::string& path, const Atlas& left, const Atlas& right);

/// The questions of requirement 4 in words, from the numbers: which layers and heads, which kinds, how
/// consistent ...
std::vector<AtlasAnswer> answer_questions(const Atlas& atlas);

}  // namespace headlight
