// Tags of a head as the grid and the heatmap show them: of the atlas where one is open for this model, else
// of the text.
#pragma once

#include <string>
#include <vector>

#include "core/atlas.h"
#include "core/head_id.h"
#include "session/snapshot.h"

namespace headlight {

struct HeadTag {
    std::string id, label;  // of the detector
    std::string sentence;   // "induction: score 0.76, null 0.11, lift 7.0×, q = 2e-4, n = 32"
    std::string help;       // what the pattern is, its threshold and which null it was held against
    double strength = 0;    // κ: what tags are ordered by
};

/// Only those that are set, strongest first.
std::vector<HeadTag> head_tags(const Snapshot& snapshot, HeadId head);
std::vector<HeadTag> text_tags(const TextAnalysis& analysis, HeadId head);
std::vector<HeadTag> atlas_tags(const Atlas& atlas, HeadId head);

/// All numbers of one entry for a tooltip.
std::string atlas_entry_words(const Atlas& atlas, const AtlasDetector& detector, const AtlasEntry& entry);

/// "patterns on this text", "patterns of the atlas · 32 sequences".
std::string tag_source(const Snapshot& snapshot);

}  // namespace headlight
