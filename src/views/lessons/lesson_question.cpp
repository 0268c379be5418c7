// The question of a lesson's step.
#include "views/lessons/lesson_question.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/tasks/lesson.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"
#include "views/lessons/large_type.h"

namespace headlight {
namespace {

using QuestionKind = LessonQuestion::Kind;

void draw_gap() {
    ImGui::Dummy({1, ui::px(2)});
}

/// After a first try, beside what answers.
void draw_reveal(ViewContext& context, const LessonAnswer& answer) {
    if (answer.num_tries == 0 || answer.is_settled()) return;
    ImGui::SameLine(0, ui::px(8));
    if (ui::pill_button("Show the answer##lesson_reveal")) context.actions.run("lesson_reveal");
}

void draw_choices(ViewContext& context, const LessonQuestion& question, const LessonAnswer& answer,
                  float width) {
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        const std::string id = fmt::format("##lesson_choice{}", i + 1), number = fmt::format("{}", i + 1);
        const bool is_given = answer.given == number;
        const bool is_expected = answer.is_settled() && answer.expected == question.choices[i];
        LargeRow row;
        row.id = id.c_str();
        row.words = question.choices[i];
        row.mark = is_expected ? "✓" : number;
        row.width = width;
        row.is_chosen = is_given || is_expected;
        row.is_enabled = !answer.is_settled();
        if (draw_large_row(row)) context.actions.run("lesson_answer", {number});
        draw_gap();
    }
}

void draw_field(ViewContext& context, std::string& typed, float width, const LessonAnswer& answer) {
    const float field = std::min(ui::px(180), width - ui::px(80));
    ui::filter_input("##lesson_number", "a number", typed, field, false);
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ImGui::SameLine(0, ui::px(8));
    const bool is_pressed = ui::pill_button("Check##lesson_answer", true, !typed.empty());
    if ((is_pressed || is_entered) && !typed.empty()) context.actions.run("lesson_answer", {typed});
    const float room = width - field - ui::px(220);
    if (room > 0) return draw_reveal(context, answer);
    draw_gap();
    draw_reveal(context, answer);
}

/// What the window has chosen now, and whether it can be the answer.
std::pair<std::string, bool> chosen_words(const ViewContext& context, QuestionKind kind) {
    const Selection& chosen = context.snapshot.token_selection;
    if (kind == QuestionKind::Head)
        return {fmt::format("Chosen: {}", context.snapshot.selection.head.to_string()), true};
    if (!context.snapshot.text) return {"No text is shown", false};
    const int token = kind == QuestionKind::Key ? chosen.key : chosen.query;
    if (token < 0 || token >= context.num_model_tokens()) return {"Click a cell of the matrix", false};
    return {fmt::format("Chosen: {} ({})", token_label(context.model_tokens(), token), token), true};
}

void draw_chosen_answer(ViewContext& context, QuestionKind kind, float width, const LessonAnswer& answer) {
    const auto [words, can_answer] = chosen_words(context, kind);
    const char* label = kind == QuestionKind::Head    ? "This head##lesson_answer"
                        : kind == QuestionKind::Token ? "This token##lesson_answer"
                                                      : "This key##lesson_answer";
    if (ui::pill_button(label, true, can_answer)) context.actions.run("lesson_answer");
    draw_reveal(context, answer);
    draw_gap();
    draw_paragraph(ui::kit().fonts.body, words, width, ui::colors().dim);
}

/// A token or key is said by its word too.
std::string answer_words(const ViewContext& context, QuestionKind kind, const std::string& words) {
    const bool is_index = (kind == QuestionKind::Token || kind == QuestionKind::Key) && !words.empty() &&
                          words.size() < 7 && words.find_first_not_of("0123456789") == std::string::npos;
    if (!is_index || !context.snapshot.text) return words;
    const int token = std::stoi(words);
    if (token >= context.num_model_tokens()) return words;
    return fmt::format("{} ({})", token_label(context.model_tokens(), token), token);
}

void draw_verdict(ViewContext& context, const LessonQuestion& question, const LessonAnswer& answer,
                  float width) {
    const ui::Colors& colors = ui::colors();
    ImFont* font = ui::kit().fonts.large;
    const std::string more = question.right.empty() ? std::string() : " " + question.right;
    if (answer.is_right) return draw_paragraph(font, "✓ Right." + more, width, colors.third);
    if (answer.is_revealed && !answer.is_checking && answer.problem.empty())
        return draw_paragraph(
            font,
            fmt::format("The answer: {}.{}", answer_words(context, question.kind, answer.expected), more),
            width, colors.text);
    if (!answer.problem.empty())
        return draw_paragraph(font, "This cannot be checked now: " + answer.problem, width, colors.warning);
    if (answer.is_checking) return draw_paragraph(font, "…", width, colors.dim);
    if (answer.num_tries == 0) return;
    const std::string hint = question.hint.empty() ? "Look again." : question.hint;
    const std::string given = question.kind == QuestionKind::Choice
                                  ? "this one"
                                  : answer_words(context, question.kind, answer.given);
    draw_paragraph(font, fmt::format("Not {}. {}", given, hint), width, colors.warning);
}

}  // namespace

void draw_lesson_question(ViewContext& context, std::string& typed, float width) {
    const LessonState& state = context.snapshot.part<LessonState>();
    if (!state.lesson || !state.shown().question) return;
    const LessonQuestion& question = *state.shown().question;
    const LessonAnswer& answer = state.answer();
    ImGui::BeginGroup();
    const ImVec2 top = ImGui::GetCursorScreenPos();
    const float bar = ui::px(3), inset = ui::px(12);
    ImGui::SetCursorScreenPos({top.x + inset, top.y});
    ImGui::BeginGroup();
    const float inner = width - inset;
    draw_paragraph(ui::kit().fonts.lesson, question.text, inner, ui::colors().text);
    draw_gap();
    draw_verdict(context, question, answer, inner);  // above what may be below the edge of a low card
    draw_gap();
    if (question.kind == QuestionKind::Choice) {
        draw_choices(context, question, answer, inner);
        if (answer.num_tries > 0 && !answer.is_settled() && ui::pill_button("Show the answer##lesson_reveal"))
            context.actions.run("lesson_reveal");
    } else if (!answer.is_settled()) {
        if (question.kind == QuestionKind::Number)
            draw_field(context, typed, inner, answer);
        else
            draw_chosen_answer(context, question.kind, inner, answer);
    }
    ImGui::EndGroup();
    ImGui::EndGroup();
    ui::draw_fill(ImGui::GetWindowDrawList(), top, {top.x + bar, ImGui::GetItemRectMax().y},
                  ui::colors().second, ui::px(1.5f));
}

}  // namespace headlight
