// The scores of a head taken apart, from the pass that explains a text.
#pragma once

#include "core/score_parts.h"
#include "model/cause/recording.h"

namespace headlight {

/// q and k of every token after positions, and what is done to their product: projected again from what
/// entered the layer, as the forward pass does. `kind` Cross: of what a decoder reads of its encoder, else of
/// the text over itself. Errors: Unsupported (the model has no cross attention).
Result<ScoreParts> score_parts_of(const LoadedModel& model, const Recording& recording, AttentionKind kind,
                                  HeadId head);

}  // namespace headlight
