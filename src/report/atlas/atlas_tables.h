// The parts of a report that are tables and sentences.
#pragma once

#include <vector>

#include "report/html/markup.h"
#include "study/atlas/digest.h"

namespace headlight {

/// What was scanned: model, texts, sequences, seed, as tiles.
Markup summary_part(const Atlas& atlas, const AtlasDigest& digest);

/// Questions and their answers.
Markup answers_part(const std::vector<AtlasAnswer>& answers);

/// One line per tagged head and pattern, clearest first, at most 2000.
Markup tags_part(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section);

/// What fires where nothing can be found.
Markup controls_part(const Atlas& atlas);

/// Definitions of the detectors, the scan's own sentences, what each column means and how to cite a number.
Markup methods_part(const Atlas& atlas);

/// "L1H3", linked to its section when there is one.
Markup head_link(const Atlas& atlas, HeadId head, const std::vector<bool>& has_section);

}  // namespace headlight
