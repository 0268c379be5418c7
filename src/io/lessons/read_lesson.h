// Files of lessons: front matter, steps, what each shows, claims and asks. docs/lessons.md has the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/lesson.h"

namespace headlight {

inline constexpr std::size_t kMostLessonBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMostLessonSteps = 60, kMostLessonLines = 40, kMostLessonChoices = 6;
inline constexpr std::size_t kMostLessonLineBytes = 2000, kMostStepBytes = 2400;

/// Reads a lesson; what commands and claims mean is not looked at. `name` stands in messages and becomes
/// Lesson::source. Errors: Corrupt with the line and what was expected there.
Result<Lesson> parse_lesson(const std::string& text, const std::string& name);

/// A file, or all `*.md` of a folder (at most 100, by name; those that begin without front matter are left
/// out). Errors: Missing, those of parse_lesson; of a folder also that it holds none.
Result<std::vector<Lesson>> read_lessons(const std::string& path);

}  // namespace headlight
