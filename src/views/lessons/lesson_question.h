// The question of a lesson's step: answered by typing, by a choice, or by what is chosen in the window.
#pragma once

#include <string>

#include "views/view.h"

namespace headlight {

/// At the cursor, `width` wide. `typed` is what stands in its field. Nothing where the step asks nothing.
void draw_lesson_question(ViewContext& context, std::string& typed, float width);

}  // namespace headlight
