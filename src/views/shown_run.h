// Which run a panel shows, in words: a picture of replaced attention never passes for the model's own.
#pragma once

#include <string>
#include <string_view>

#include "session/snapshot.h"

namespace headlight {

/// "Metrics" while the unchanged run is all there is; "Metrics · after", "Heatmap · difference", "Flow ·
/// before" while attention is replaced. Panels without differences show the changed run then:
/// `has_difference` false.
std::string titled(std::string_view title, const Snapshot& snapshot, bool has_difference = false);

/// "after: L1H3: uniform attention"; "before; the changed run is being computed"; empty without
/// interventions.
std::string run_words(const Snapshot& snapshot, bool has_difference);

/// `run_words` before what the panel says anyway.
std::string with_run(const Snapshot& snapshot, std::string_view context, bool has_difference = false);

/// What is replaced, "L1H3: uniform attention and 2 more"; empty without interventions.
std::string intervention_words(const Snapshot& snapshot);

}  // namespace headlight
