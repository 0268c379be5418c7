// Lessons: front matter, steps, marks, claims, questions.
#include "fuzz/fuzz_target.h"
#include "io/lessons/read_lesson.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const auto lessons = read_lessons(path);
    if (!lessons) return fail(lessons.error());
    std::size_t num_bytes = 0;
    for (const Lesson& lesson : *lessons) {
        for (const LessonStep& step : lesson.steps)
            num_bytes += step.title.size() + step.paragraphs.size() + step.marks.size();
    }
    return num_bytes > 0 ? Status{}
                         : fail(ErrorKind::Internal, "a lesson without steps was read from {}", path);
}

}  // namespace

extern const FuzzTarget k_fuzz_lesson = {"lesson", "lesson.md", read};

}  // namespace headlight::fuzz
