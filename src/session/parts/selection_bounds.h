// A selection inside the sizes of what is shown.
#pragma once

#include "session/session.h"

namespace headlight {

/// Inside the layers and heads of the shown text, or of the model; unchanged where there is neither.
HeadId clamp_head(HeadId id, const Snapshot& snapshot);
/// The same of all of it, in tokens. A query that was not chosen is the last token; of a masked model, its
/// first mask.
Selection clamp_selection(const Selection& wanted, const Snapshot& snapshot);
/// The units of the shown text that hold the chosen tokens; the selection itself between tokens.
Selection selection_in_units(const Selection& tokens, const Snapshot& snapshot);
/// The last token of a unit of the shown text; `index` itself between tokens, and where there is no such
/// unit.
int token_of(const Snapshot& snapshot, TokenAxis axis, int index);
/// Adds `id` to the chosen heads, or takes it out again; the last head stays.
void toggle_head(Selection& selection, HeadId id);

}  // namespace headlight
