// What an atlas comes to: the tags in order, and each pattern with its heads. Shared by answers, report and
// comparison.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// One detector over all heads.
struct PatternDigest {
    const AtlasDetector* detector = nullptr;
    std::size_t index = 0;                  // into Atlas::detectors
    std::vector<const AtlasEntry*> tagged;  // clearest first
    const AtlasEntry* strongest =
        nullptr;  // largest confirmed score, tagged or not; null: nothing was measured
    std::optional<double> median_consistency;  // of the tagged ones
};

/// Pointers into the atlas, which must outlive this.
struct AtlasDigest {
    std::vector<const AtlasEntry*>
        tagged;                           // all, clearest first: by interpretability, then score, then place
    std::vector<PatternDigest> patterns;  // order of the detectors
    std::vector<std::vector<const AtlasEntry*>> tags_of_head;  // [HeadGrid], clearest first
    int num_tagged_heads = 0;
};

/// That heads and entries are as many as layers, heads and detectors say, so that they can be looked up by
/// place. Errors: InvalidInput.
Status check_atlas(const Atlas& atlas);

/// Of an atlas that check_atlas() takes.
AtlasDigest digest_atlas(const Atlas& atlas);

/// Nullopt for none.
std::optional<double> median(std::vector<double> values);

/// Its label, its id when it has none.
const std::string& label_of(const AtlasDetector& detector);
/// Label of the detector of an entry, its id when the atlas has no such detector.
std::string label_of(const Atlas& atlas, const AtlasEntry& entry);

/// "4 heads", "1 head".
std::string count_of(std::size_t count, const std::string& noun);

}  // namespace headlight
