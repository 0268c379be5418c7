#include "session/find/head_search.h"

namespace headlight {
namespace {

bool is_atlas_tag(const Atlas& atlas, HeadId head, const DetectorDescriptor& detector) {
    for (std::size_t i = 0; i < atlas.detectors.size(); ++i)
        if (atlas.detectors[i].id == detector.id) return atlas.entry(head, i).is_tagged;
    return false;
}

}  // namespace

KnownNumbers numbers_of_text(const Snapshot& now) {
    KnownNumbers known;
    known.text = now.text;
    if (now.text) known.numbers.text = &now.text->analysis;
    if (const Atlas* atlas = now.shown_atlas()) {
        known.atlas = std::shared_ptr<const Atlas>(now.atlas, atlas);
        known.numbers.is_tagged = [atlas](HeadId head, const DetectorDescriptor& detector) {
            return is_atlas_tag(*atlas, head, detector);
        };
    }
    return known;
}

void take_numbers(KnownNumbers& known, Derived<WeightAnalysis> derived, const char* what,
                  std::shared_ptr<const WeightAnalysis> KnownNumbers::*place) {
    if (derived.is_ready()) known.*place = std::move(derived.value);
    known.is_pending |= derived.state == Derived<WeightAnalysis>::State::Pending;
    if (derived.state == Derived<WeightAnalysis>::State::Failed && derived.error)
        known.missing +=
            fmt::format("{}{}: {}", known.missing.empty() ? "" : "; ", what, derived.error->message);
}

}  // namespace headlight
