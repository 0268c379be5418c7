// The lessons that come with the program: embedded files.
#include "session/lessons/library.h"

#include "base/log.h"
#include "io/lessons/read_lesson.h"
#include "session/lessons/claims.h"

#define HEADLIGHT_LESSON(name) \
    extern "C" const unsigned char headlight_lesson_##name##_begin[], headlight_lesson_##name##_end[];
#include "session/lessons/lessons.def"
#undef HEADLIGHT_LESSON

namespace headlight {
namespace {

struct EmbeddedLesson {
    const char* name;
    const unsigned char *begin, *end;
};

std::vector<LessonPtr> read_bundled() {
    constexpr EmbeddedLesson kEmbedded[] = {
#define HEADLIGHT_LESSON(name) {#name, headlight_lesson_##name##_begin, headlight_lesson_##name##_end},
#include "session/lessons/lessons.def"
#undef HEADLIGHT_LESSON
    };
    std::vector<LessonPtr> out;
    for (const EmbeddedLesson& file : kEmbedded) {
        auto lesson = parse_lesson(std::string(file.begin, file.end), file.name);
        const Status checked = lesson ? check_lesson(*lesson) : fail(lesson.error());
        if (!checked) {
            log::error("{}", checked.error().to_string());
            continue;
        }
        lesson->source.clear();
        out.push_back(std::make_shared<const Lesson>(std::move(*lesson)));
    }
    return out;
}

}  // namespace

const std::vector<LessonPtr>& bundled_lessons() {
    static const std::vector<LessonPtr> all = read_bundled();
    return all;
}

LessonPtr find_bundled_lesson(std::string_view id) {
    for (const LessonPtr& lesson : bundled_lessons()) {
        if (lesson->id == id) return lesson;
    }
    return nullptr;
}

}  // namespace headlight
