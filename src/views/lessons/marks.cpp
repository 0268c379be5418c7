// What a lesson points at.
#include "views/lessons/marks.h"

#include <algorithm>

#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight {
namespace {

using MarkKind = LessonMark::Kind;

template <class Fits>
bool has_mark(const Snapshot& snapshot, const Fits& fits) {
    const auto marks = lesson_marks(snapshot);
    return std::any_of(marks.begin(), marks.end(), fits);
}

}  // namespace

std::span<const LessonMark> lesson_marks(const Snapshot& snapshot) {
    const LessonState& state = snapshot.part<LessonState>();
    const bool is_shown = state.lesson && !state.is_setting && !snapshot.part<QuizState>().is_on;
    if (!is_shown || snapshot.unit() != TextUnit::Token) return {};
    return state.shown().marks;
}

bool is_view_marked(const Snapshot& snapshot, std::string_view view) {
    return has_mark(snapshot,
                    [&](const LessonMark& mark) { return mark.kind == MarkKind::View && mark.view == view; });
}

bool is_token_marked(const Snapshot& snapshot, int token) {
    return has_mark(snapshot, [&](const LessonMark& mark) {
        return mark.kind == MarkKind::Token && mark.query == token;
    });
}

bool is_key_marked(const Snapshot& snapshot, int key) {
    return has_mark(snapshot,
                    [&](const LessonMark& mark) { return mark.kind == MarkKind::Key && mark.key == key; });
}

void draw_lesson_ring(ImVec2 min, ImVec2 max) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Rgba color = ui::colors().accent;
    const float line = std::max(1.0f, ui::px(2)), wide = 2.5f * line;
    ui::draw_frame(list, {min.x - wide, min.y - wide}, {max.x + wide, max.y + wide}, gfx::faded(color, 0.35f),
                   ui::px(ui::kRadius), wide);
    ui::draw_frame(list, {min.x - line, min.y - line}, {max.x + line, max.y + line}, color,
                   ui::px(ui::kRadius) - line, line);
}

}  // namespace headlight
