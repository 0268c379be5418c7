// The parts of a report that are tables and sentences.
#pragma once

#include <string>

#include "study/atlas/digest.h"

namespace headlight {

/// What was scanned: model, texts, sequences, seed, as tiles.
std::string summary_html(const Atlas& atlas, const AtlasDigest& digest);

/// Questions and their answers.
std::string answers_html(const std::vector<AtlasAnswer>& answers);

/// One line per tagged head and pattern, clearest first, at most 2000.
std::string tags_html(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section);

/// What fires where nothing can be found.
std::string controls_html(const Atlas& atlas);

/// Definitions of the detectors, the scan's own sentences, what each column means and how to cite a number.
std::string methods_html(const Atlas& atlas);

/// "L1H3", linked to its section when there is one.
std::string head_link_html(const Atlas& atlas, HeadId head, const std::vector<bool>& has_section);

}  // namespace headlight
