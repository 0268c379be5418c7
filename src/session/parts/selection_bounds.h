// A selection inside the sizes of what is shown.
#pragma once

#include "session/snapshot.h"

namespace headlight {

/// Inside the layers and heads of the shown text, or of the model; unchanged where there is neither.
HeadId clamp_head(HeadId id, const Snapshot& snapshot);
/// The same of all of it. A query that was not chosen is the last token; of a masked model, its first mask.
Selection clamp_selection(const Selection& wanted, const Snapshot& snapshot);
/// Adds `id` to the chosen heads, or takes it out again; the last head stays.
void toggle_head(Selection& selection, HeadId id);

}  // namespace headlight
