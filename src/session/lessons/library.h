// The lessons that come with the program.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/lesson.h"

namespace headlight {

using LessonPtr = std::shared_ptr<const Lesson>;

/// All of lessons.def, in that order; read once. One that is broken is left out (a test says so).
const std::vector<LessonPtr>& bundled_lessons();
/// By its id; null: there is none.
LessonPtr find_bundled_lesson(std::string_view id);

}  // namespace headlight
