// One folded section per head: metrics, tags with their reasons, and rows of text that show where it looks.
#pragma once

#include <vector>

#include "report/html/markup.h"
#include "study/atlas/digest.h"

namespace headlight {

/// Heads that get a section: the clearest first, then by place, at most 200. [heads]
std::vector<bool> choose_head_sections(const Atlas& atlas, const AtlasDigest& digest);

/// The sections, by layer and head. Examples stop at 8 MB, and the page says so.
Markup head_sections(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section);

}  // namespace headlight
