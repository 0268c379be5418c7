// Tags by interpretability, with chance and q.
#include "report/atlas/atlas_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace headlight {
namespace {

constexpr std::size_t kMostTableRows = 24;

std::vector<const AtlasEntry*> clearest_tags(const Atlas& atlas) {
    std::vector<const AtlasEntry*> tagged;
    for (const AtlasEntry& entry : atlas.entries) {
        if (entry.is_tagged) tagged.push_back(&entry);
    }
    std::stable_sort(tagged.begin(), tagged.end(), [](const AtlasEntry* a, const AtlasEntry* b) {
        return a->interpretability.value_or(0) > b->interpretability.value_or(0);
    });
    return tagged;
}

std::string tag_line(const Atlas& atlas, const AtlasEntry& entry) {
    const auto detector = std::find_if(atlas.detectors.begin(), atlas.detectors.end(),
                                       [&](const AtlasDetector& d) { return d.id == entry.detector; });
    const AtlasScore& score = entry.confirmation;
    return fmt::format("{:<8} {:<20} {:>7.3f} {:>7.3f} {:>8.1f} {:>9} {:>12.2f} {}\n", entry.head.to_string(),
                       detector->label, score.score.value_or(0), score.null.value_or(0),
                       score.lift.value_or(0), entry.q_value ? fmt::format("{:.2g}", *entry.q_value) : "-",
                       entry.consistency.value_or(0), detector->measured_on);
}

}  // namespace

std::string atlas_text(const Atlas& atlas) {
    const std::vector<const AtlasEntry*> tagged = clearest_tags(atlas);
    std::string out;
    if (tagged.empty()) {
        out = fmt::format("No head of {} is tagged ({} + {} sequences).\n", atlas.model, atlas.num_discovery,
                          atlas.num_confirmation);
    } else {
        out = fmt::format("{:<8} {:<20} {:>7} {:>7} {:>8} {:>9} {:>12} {}\n", "head", "pattern", "score",
                          "null", "lift", "q", "consistency", "measured on");
    }
    for (std::size_t i = 0; i < std::min(kMostTableRows, tagged.size()); ++i)
        out += tag_line(atlas, *tagged[i]);
    if (tagged.size() > kMostTableRows)
        out += fmt::format("... and {} more\n", tagged.size() - kMostTableRows);
    for (const AtlasControl& control : atlas.controls) {
        out += fmt::format("control, {}: {} of {} content tests tagged, {} of {} positional\n", control.name,
                           control.num_content_tags, control.num_content_tests, control.num_positional_tags,
                           control.num_positional_tests);
    }
    return out;
}

}  // namespace headlight
