// What a lesson points at: a ring in the accent colour around a card, a head, a token or a cell.
#pragma once

#include <imgui.h>

#include <span>
#include <string_view>

#include "core/lesson.h"
#include "session/snapshot.h"

namespace headlight {

/// Of the step that is shown; none while its scene is being set, or where rows and columns are no tokens.
std::span<const LessonMark> lesson_marks(const Snapshot& snapshot);

bool is_view_marked(const Snapshot& snapshot, std::string_view view);
bool is_token_marked(const Snapshot& snapshot, int token);
bool is_key_marked(const Snapshot& snapshot, int key);

/// Around a rectangle: two lines, so that it is not taken for the frame of what is chosen. Still.
void draw_lesson_ring(ImVec2 min, ImVec2 max);

}  // namespace headlight
