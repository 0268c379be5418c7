// Rules that somebody saved, as detectors of one's own beside the built-in ones.
#pragma once

#include <string>
#include <vector>

#include "analysis/detector.h"
#include "analysis/search/token_rule.h"

namespace headlight {

/// A saved rule. Its detector's id is "own_" and the name with "_" for all but letters and digits.
struct OwnRule {
    std::string name;
    TokenRule rule;
    double threshold = 0.4;  // on the score
    std::string origin;      // the file that it stands in
    bool operator==(const OwnRule& other) const {
        return name == other.name && rule.text() == other.rule.text() && threshold == other.threshold &&
               origin == other.origin;
    }
};

inline constexpr std::size_t kMostOwnRules = 100;

std::string own_detector_id(const std::string& name);

/// Makes these, up to kMostOwnRules, what detectors() lists behind the built-in ones. Process-wide, from any
/// thread: an analysis goes on with the list that it began with (DetectorText::registry). Rules with an id
/// that is there already are left out. Lists and descriptors that were handed out stay valid.
void set_own_detectors(const std::vector<OwnRule>& rules);

}  // namespace headlight
