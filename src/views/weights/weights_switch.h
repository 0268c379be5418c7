// The switch of the weights shown: the same in every card that has one.
#pragma once

#include "views/view.h"

namespace headlight {

/// Segments, or in a narrow card one chip with a list. Effects are a choice where there is a question.
void draw_weights_switch(ViewContext& context, bool is_narrow);

/// "“When” takes 84 % of the rows; show the weights without it": where plain weights are one bright column.
/// Draws nothing elsewhere, and nothing once it was closed. Height that it took.
float draw_sink_hint(ViewContext& context, ImVec2 pos, float width, bool& is_closed);

}  // namespace headlight
