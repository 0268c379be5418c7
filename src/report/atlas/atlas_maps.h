// Layer x head maps as inline SVG.
#pragma once

#include <vector>

#include "report/html/markup.h"
#include "study/atlas/digest.h"

namespace headlight {

/// Score of every head under one detector, layers downwards and heads to the right; tagged heads have a
/// frame, pointing at a cell shows its numbers. The colour runs from 0 to 0.1, 0.25, 0.5 or 1, whichever
/// holds the largest score; the legend says which.
Markup score_map(const Atlas& atlas, const PatternDigest& pattern);

/// How many patterns each head follows and how clear the clearest is; a cell links to the section of its head
/// if `has_section` [heads] says that there is one.
Markup overview_map(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section);

/// How many heads each pattern has that was found, the most common first; nothing when none was.
Markup pattern_bars(const AtlasDigest& digest);

}  // namespace headlight
