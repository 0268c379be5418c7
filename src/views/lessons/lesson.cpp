// The card of lessons: the list of them, or a step with what it says and asks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/tasks/lesson.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "views/lessons/large_type.h"
#include "views/lessons/lesson_question.h"
#include "views/view.h"

namespace headlight {
namespace {

constexpr float kWideCard = 760, kLeastEntry = 250;

struct LessonViewState final : ViewState {
    std::string typed, shown;  // the step that it was typed for
};

HeightWish lesson_height(const Snapshot&, const ViewState&, float) {
    return {0, 120};
}

/// Of the bundled ones, from 1; 0: it is one of the user's.
int lesson_number(const Lesson& lesson) {
    const auto& all = bundled_lessons();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].get() == &lesson) return static_cast<int>(i) + 1;
    }
    return 0;
}

void draw_lesson_controls(ViewContext& context, const LessonState& state) {
    if (state.lesson) {
        if (ui::toolbar_button("Back##lesson_back", false, state.step > 0, "The step before (Shift+Space)"))
            context.actions.run("lesson_back");
        ImGui::SameLine(0, ui::px(4));
        const char* next = state.is_last() ? "Done##lesson_next" : "Next##lesson_next";
        if (ui::pill_button(next, true, true, "Space")) context.actions.run("lesson_next");
        ImGui::SameLine(0, ui::px(4));
        if (ui::toolbar_button("All##lesson_list", false, true, "All lessons")) context.actions.run("lesson");
        ImGui::SameLine(0, 0);
    }
    if (ui::toolbar_button("×##lesson_end", false, true, "Ends the lesson: what was open before comes back"))
        context.actions.run("lesson_end");
}

/// What does not hold is said: the text may be another than the one that the step speaks of.
void draw_checks(ViewContext& context, const LessonState& state, float width) {
    ImFont* small = ui::kit().fonts.small_;
    if (!state.problem.empty()) {
        draw_paragraph(ui::kit().fonts.body, "This step could not be set up: " + state.problem, width,
                       ui::colors().error);
        if (ui::pill_button("Try again##lesson_show")) context.actions.run("lesson_show");
        return;
    }
    std::string faults;
    std::size_t num_held = 0;
    for (const ClaimCheck& check : state.checks) {
        num_held += check.holds ? 1 : 0;
        if (check.state == Reading::State::Pending || check.holds) continue;
        faults += (faults.empty() ? "" : "; ") + check.words + " (" + check.found + ")";
    }
    if (!faults.empty())
        return draw_paragraph(ui::kit().fonts.body, "What this step says does not hold here: " + faults,
                              width, ui::colors().warning);
    if (num_held == 0) return;
    draw_paragraph(small,
                   fmt::format("✓ {} checked against the numbers of this window",
                               format_count(static_cast<int>(num_held), "statement", "statements")),
                   width, ui::colors().dim);
}

void draw_step_words(const LessonState& state, float width) {
    const LessonStep& step = state.shown();
    draw_paragraph(ui::kit().fonts.huge, step.title, width, ui::colors().text);
    for (const std::string& paragraph : step.paragraphs) {
        ImGui::Dummy({1, ui::px(2)});
        draw_paragraph(ui::kit().fonts.lesson, paragraph, width, ui::colors().text);
    }
}

void draw_step(ViewContext& context, LessonViewState& view, const LessonState& state) {
    const float width = ImGui::GetContentRegionAvail().x;
    const bool is_wide = width >= ui::px(kWideCard) && state.shown().question;
    if (!is_wide) {
        draw_step_words(state, width);
        ImGui::Dummy({1, ui::px(8)});
        draw_lesson_question(context, view.typed, width);
        ImGui::Dummy({1, ui::px(4)});
        return draw_checks(context, state, width);
    }
    const float gap = ui::px(28), left = std::floor((width - gap) * 0.56f);
    const ImVec2 top = ImGui::GetCursorScreenPos();
    ImGui::BeginGroup();
    draw_step_words(state, left);
    ImGui::Dummy({1, ui::px(4)});
    draw_checks(context, state, left);
    ImGui::EndGroup();
    const float bottom = ImGui::GetItemRectMax().y;
    ImGui::SetCursorScreenPos({top.x + left + gap, top.y});
    ImGui::BeginGroup();
    draw_lesson_question(context, view.typed, width - left - gap);
    ImGui::EndGroup();
    const float end = std::max(bottom, ImGui::GetItemRectMax().y);
    ImGui::SetCursorScreenPos({top.x, end});
    ImGui::Dummy({1, 1});
}

struct ListEntry {
    std::string id, words, details, mark, command, argument;
};

std::vector<ListEntry> list_entries(const Snapshot& snapshot, const LessonState& state) {
    std::vector<ListEntry> out;
    const auto add = [&](const Lesson& lesson, const std::string& number) {
        const auto kept = snapshot.settings.lessons.find(lesson.id);
        const bool is_known = kept != snapshot.settings.lessons.end();
        std::string details = lesson.summary;
        if (lesson.minutes > 0)
            details += fmt::format("{}{} min", details.empty() ? "" : " · ", lesson.minutes);
        if (is_known && !kept->second.is_done && kept->second.step > 0)
            details += fmt::format(" · step {} of {}", kept->second.step + 1, lesson.steps.size());
        out.push_back({"##lesson_" + lesson.id, lesson.title, details,
                       is_known && kept->second.is_done ? "✓" : number, "lesson", lesson.id});
    };
    int number = 0;
    for (const LessonPtr& lesson : bundled_lessons())
        add(*lesson, std::to_string(++number));
    for (const LessonPtr& lesson : state.own)
        add(*lesson, "·");
    out.push_back({"##lesson_quiz_next", "Quiz: what comes next?", "On the model and text that are open", "?",
                   "quiz", "next"});
    out.push_back({"##lesson_quiz_looks", "Quiz: where does it look?", "On the model and text that are open",
                   "?", "quiz", "looks"});
    return out;
}

/// As many columns as the width has room for; entries of a line are as high as the highest.
void draw_list(ViewContext& context, const LessonState& state) {
    const std::vector<ListEntry> entries = list_entries(context.snapshot, state);
    const float width = ImGui::GetContentRegionAvail().x, gap = ui::px(8);
    const int columns = std::clamp(static_cast<int>((width + gap) / (ui::px(kLeastEntry) + gap)), 1, 4);
    const float entry_width =
        std::floor((width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns));
    for (std::size_t i = 0; i < entries.size();) {
        const ImVec2 line = ImGui::GetCursorScreenPos();
        float height = 0;
        for (int column = 0; column < columns && i < entries.size(); ++column, ++i) {
            const ListEntry& entry = entries[i];
            ImGui::SetCursorScreenPos({line.x + static_cast<float>(column) * (entry_width + gap), line.y});
            LargeRow row{entry.id.c_str(), entry.words, entry.details, entry.mark, entry_width};
            height = std::max(height, large_row_height(row));
            if (draw_large_row(row)) context.actions.run(entry.command, {entry.argument});
        }
        ImGui::SetCursorScreenPos({line.x, line.y + height + gap});
    }
    ImGui::Dummy({1, 1});
}

/// One line, until it is put away.
void draw_invitation(ViewContext& context) {
    const ui::Colors& colors = ui::colors();
    ui::CardSpec spec;
    spec.id = "lesson";
    spec.has_padding = false;
    ui::Card card{spec, context.pos, context.size};
    if (!card) return;
    const float pad = ui::px(12), y = context.pos.y + 0.5f * (context.size.y - ui::px(ui::kControlHeight));
    ImFont* font = ui::kit().fonts.body;
    const float start = ui::measure_text(ui::kit().fonts.semibold, "Start the first lesson").x + ui::px(24),
                close = ui::px(28);
    const float room = context.size.x - 2 * pad - start - close - ui::px(16);
    const std::string words = ui::shorten_text(
        font,
        fmt::format("New to attention? {} short lessons start from the beginning.", bundled_lessons().size()),
        room);
    ui::draw_text(ImGui::GetWindowDrawList(), font,
                  {context.pos.x + pad, context.pos.y + 0.5f * (context.size.y - font->FontSize)},
                  colors.text, words);
    ImGui::SetCursorScreenPos({context.pos.x + context.size.x - pad - start - close - ui::px(4), y});
    if (ui::pill_button("Start the first lesson##lesson_invitation", true)) {
        if (!bundled_lessons().empty()) context.actions.run("lesson", {bundled_lessons().front()->id});
    }
    ImGui::SameLine(0, ui::px(4));
    if (ui::toolbar_button("×##lesson_dismiss", false, true,
                           "Puts this line away for good; lessons are in the menu Help"))
        context.actions.run("lesson_invitation", {"off"});
}

void draw(ViewContext& context) {
    const LessonState& state = context.snapshot.part<LessonState>();
    auto& view = static_cast<LessonViewState&>(context.state);
    if (!state.is_open() && context.snapshot.settings.invites_to_lessons) return draw_invitation(context);
    std::string title = "Lessons", line = "start one, or go on";
    std::string shown;
    if (state.lesson) {
        const int number = lesson_number(*state.lesson);
        title = number > 0 ? fmt::format("Lesson {}", number) : "Lesson";
        line = fmt::format("{} of {} · {}", state.step + 1, state.lesson->steps.size(), state.lesson->title);
        shown = fmt::format("{}/{}", state.lesson->id, state.step);
    }
    ui::CardSpec spec;
    spec.id = "lesson";
    spec.title = title;
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] { draw_lesson_controls(context, state); };
    ui::Card card{spec, context.pos, context.size};
    if (!card) return;
    if (view.shown != shown) {
        view.typed.clear();
        view.shown = shown;
        ImGui::SetScrollY(0);
    }
    if (state.lesson) return draw_step(context, view, state);
    if (state.shows_list) return draw_list(context, state);
    if (ui::draw_card_state({ui::CardState::Empty, "No lesson is open.", "All lessons##lesson_list", -1}))
        context.actions.run("lesson");
}

}  // namespace

extern const ViewDescriptor k_view_lesson = {
    .id = "lesson",
    .title = "Lesson",
    .help =
        "A lesson step by step: what it says, what it points at in the window, and what it asks; Space goes "
        "on.",
    .height = lesson_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<LessonViewState>()); },
    .draw = draw,
};

}  // namespace headlight
