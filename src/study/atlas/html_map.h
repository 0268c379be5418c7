// Layer x head maps as inline SVG.
#pragma once

#include <string>

#include "study/atlas/digest.h"

namespace headlight {

/// Score of every head under one detector, layers downwards and heads to the right; tagged heads have a
/// frame, pointing at a cell shows its numbers. The colour runs from 0 to 0.1, 0.25, 0.5 or 1, whichever
/// holds the largest score; the legend says which.
std::string score_map_html(const Atlas& atlas, const PatternDigest& pattern);

/// How many patterns each head follows and how clear the clearest is; a cell links to the section of its head
/// if `has_section` [heads] says that there is one.
std::string overview_map_html(const Atlas& atlas, const AtlasDigest& digest,
                              const std::vector<bool>& has_section);

/// How many heads each pattern has that was found, the most common first; nothing when none was.
std::string pattern_bars_html(const AtlasDigest& digest);

}  // namespace headlight
