// The quiz in place of all cards: nothing else is drawn that could tell the answer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/tasks/quiz.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "views/lessons/large_type.h"
#include "views/lessons/quiz_matrix.h"
#include "views/view.h"

namespace headlight {
namespace {

constexpr int kMostChips = 60;
constexpr float kChipText = 20, kWidestColumn = 1100;

struct QuizViewState final : ViewState {
    std::string typed;
    int number = 0;  // of the question that it was typed for
    QuizMatrix matrix;
};

HeightWish quiz_height(const Snapshot&, const ViewState&, float) {
    return {0, 160};
}

const TokenizedText& quiz_tokens(const ViewContext& context, QuizKind kind) {
    const AnalyzedText& text = *context.snapshot.shown_tokens();
    return kind == QuizKind::LooksAt ? text.keys() : text.tokens;
}

/// Tokens [first, end) in large type, as chips that wrap. The clicked one; -1: none.
int draw_quiz_chips(const ViewContext& context, const QuizState& quiz, int first, int end,
                    const std::vector<float>& weights, float width) {
    const auto& tokens = quiz_tokens(context, quiz.kind).tokens;
    const ui::Colors& colors = ui::colors();
    const float left = ImGui::GetCursorScreenPos().x, gap = ui::px(5);
    int clicked = -1;
    float x = 0;
    const bool is_next = quiz.kind == QuizKind::NextToken;
    for (int i = first; i < end + (is_next ? 1 : 0); ++i) {
        const bool is_hole = is_next && i == end;
        const std::string id = fmt::format("quiz_token{}", i),
                          shown = is_hole ? std::string("  ?  ")
                                          : shorten(tokens[static_cast<std::size_t>(i)].display, 20);
        ui::ChipSpec spec;
        spec.id = id.c_str();
        spec.text = shown;
        spec.style.size = kChipText;
        spec.pad_x = 7;
        spec.pad_y = 4;
        spec.fill = colors.control;
        if (i < static_cast<int>(weights.size()))
            spec.fill = gfx::mix(colors.control, colors.second, 0.75f * weights[static_cast<std::size_t>(i)]);
        if (is_hole || (!is_next && i == quiz.at)) {
            spec.fill = colors.accent;
            spec.text_color = colors.on_accent;
        }
        spec.is_framed = !is_next && (i == quiz.guess || (quiz.is_revealed && i == quiz.best));
        const float chip = ui::chip_size(spec).x;
        if (x > 0 && x + chip <= width) ImGui::SameLine(0, gap);
        if (x > 0 && x + chip > width) {
            x = 0;
            ImGui::Dummy({1, ui::px(1)});
            ImGui::SetCursorScreenPos({left, ImGui::GetCursorScreenPos().y});
        }
        x += chip + gap;
        if (ui::chip(spec).is_clicked) clicked = i;
    }
    return clicked;
}

std::string option_details(const QuizState& quiz, std::size_t index) {
    if (!quiz.is_revealed) return {};
    std::string out = "the model gives it " + format_percent(quiz.options[index].probability);
    if (static_cast<int>(index) == quiz.best) out += " · its first choice";
    if (static_cast<int>(index) == quiz.real_option) out += " · the text goes on so";
    return out;
}

void draw_guess_field(ViewContext& context, QuizViewState& view, float width) {
    ImGui::Dummy({1, ui::px(4)});
    ui::filter_input("##quiz_typed", "or type a word", view.typed, std::min(ui::px(260), width - ui::px(90)),
                     false);
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ImGui::SameLine(0, ui::px(8));
    const bool is_pressed = ui::pill_button("Guess##quiz_guess", false, !view.typed.empty());
    if ((is_pressed || is_entered) && !view.typed.empty()) context.actions.run("quiz_answer", {view.typed});
}

void draw_next_token(ViewContext& context, QuizViewState& view, const QuizState& quiz, float width) {
    draw_paragraph(ui::kit().fonts.huge, "What comes next?", width, ui::colors().text);
    ImGui::Dummy({1, ui::px(4)});
    draw_quiz_chips(context, quiz, std::max(0, quiz.at + 1 - kMostChips), quiz.at + 1, {}, width);
    ImGui::Dummy({1, ui::px(10)});
    for (std::size_t i = 0; i < quiz.options.size(); ++i) {
        const std::string id = fmt::format("##quiz_option{}", i + 1), number = fmt::format("{}", i + 1),
                          details = option_details(quiz, i);
        LargeRow row;
        row.id = id.c_str();
        row.words = quiz.options[i].shown;
        row.details = details;
        row.mark = quiz.is_revealed && static_cast<int>(i) == quiz.best ? "✓" : std::string_view(number);
        row.width = std::min(width, ui::px(520));
        row.is_chosen = static_cast<int>(i) == quiz.guess;
        row.is_enabled = !quiz.is_revealed;
        row.is_huge = true;
        if (draw_large_row(row)) context.actions.run("quiz_answer", {number});
        if (quiz.is_revealed) {
            const ImVec2 at = ImGui::GetCursorScreenPos();
            ui::draw_bar(ImGui::GetWindowDrawList(), {at.x, at.y - ui::px(2)}, row.width,
                         quiz.options[i].probability, -1, ui::colors().second);
        }
        ImGui::Dummy({1, ui::px(6)});
    }
    if (!quiz.is_revealed) draw_guess_field(context, view, width);
}

/// What the card leaves beside heading, chips and verdict.
float space_for_matrix(const ViewContext& context) {
    return context.size.y - ui::px(330);
}

void draw_looks_at(ViewContext& context, QuizViewState& view, const QuizState& quiz, float width) {
    const AnalyzedText& text = *context.snapshot.shown_tokens();
    view.matrix.update(context, quiz);
    draw_paragraph(ui::kit().fonts.huge, fmt::format("Where does {} look from here?", quiz.head.to_string()),
                   width, ui::colors().text);
    draw_paragraph(ui::kit().fonts.large,
                   "The marked token asks. Below are the rows of this head before it: guess where its own, "
                   "hidden row is brightest, and click that token.",
                   width, ui::colors().dim);
    ImGui::Dummy({1, ui::px(4)});
    const KeyRange keys = text.trace->admissible(quiz.head.layer, quiz.at);
    const int first = std::max(keys.begin, keys.end - kMostChips);
    view.matrix.draw(context, quiz, width, space_for_matrix(context));
    ImGui::Dummy({1, ui::px(8)});
    const int clicked = draw_quiz_chips(context, quiz, first, keys.end, view.matrix.revealed(), width);
    if (clicked >= 0 && !quiz.is_revealed) context.actions.run("quiz_answer", {std::to_string(clicked)});
}

std::string verdict(const ViewContext& context, const QuizState& quiz, const std::vector<float>& row) {
    const bool is_next = quiz.kind == QuizKind::NextToken;
    if (!quiz.is_revealed) {
        if (!quiz.typed.empty()) return fmt::format("Your guess: {}", quiz.typed);
        if (quiz.guess < 0) return {};
        return fmt::format("Your guess: {}", is_next
                                                 ? quiz.options[static_cast<std::size_t>(quiz.guess)].shown
                                                 : quoted_token(quiz_tokens(context, quiz.kind), quiz.guess));
    }
    std::string out = quiz.is_right() ? "✓ Right. " : quiz.has_guess() ? "Not this time. " : "";
    if (is_next) {
        const QuizOption& best = quiz.options[static_cast<std::size_t>(quiz.best)];
        out += fmt::format("The model's first choice is {} with {}.", best.shown,
                           format_percent(best.probability));
        return out;
    }
    const TokenizedText& keys = quiz_tokens(context, quiz.kind);
    const auto weight = [&](int key) { return static_cast<double>(row[static_cast<std::size_t>(key)]); };
    out += fmt::format("It gives most, {}, to {}.", format_percent(weight(quiz.best)),
                       quoted_token(keys, quiz.best));
    if (quiz.guess >= 0 && !quiz.is_right())
        out += fmt::format(" Your {} gets {}.", quoted_token(keys, quiz.guess),
                           format_percent(weight(quiz.guess)));
    return out;
}

void draw_quiz_controls(ViewContext& context, const QuizState& quiz) {
    const ui::Segment kinds[] = {
        {"next token##quiz_next_token", "Which token does the model think comes next?"},
        {"where it looks##quiz_looks", "Which token does a row of a head give most to?"}};
    int kind = quiz.kind == QuizKind::NextToken ? 0 : 1;
    if (ui::segmented("##quiz_kind", kinds, kind))
        context.actions.run("quiz", {kind == 0 ? "next" : "looks"});
    ImGui::SameLine(0, ui::px(8));
    const bool can_go = quiz.is_ready;
    if (!quiz.is_revealed) {
        if (ui::pill_button("Reveal##quiz_reveal", true, can_go, "Space")) context.actions.run("quiz_reveal");
    } else if (ui::pill_button("Next##quiz_next", true, true, "Space")) {
        context.actions.run("quiz_next");
    }
    ImGui::SameLine(0, ui::px(4));
    if (ui::toolbar_button("×##quiz_end", false, true, "Ends the quiz")) context.actions.run("quiz", {"off"});
}

/// Digits choose an option, arrow keys walk over the tokens.
void guess_with_keys(ViewContext& context, const QuizState& quiz) {
    const ImGuiIO& io = ImGui::GetIO();
    if (quiz.is_revealed || context.shared.is_dialog_open || io.WantTextInput || io.KeyCtrl || io.KeyAlt)
        return;
    if (quiz.kind == QuizKind::NextToken) {
        for (std::size_t i = 0; i < quiz.options.size(); ++i) {
            if (ImGui::IsKeyPressed('1' + static_cast<int>(i), false))
                context.actions.run("quiz_answer", {std::to_string(i + 1)});
        }
        return;
    }
    const KeyRange keys = context.snapshot.shown_tokens()->trace->admissible(quiz.head.layer, quiz.at);
    int guess = quiz.guess;
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_LeftArrow)))
        guess = guess < 0 ? keys.end - 1 : guess - 1;
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_RightArrow)))
        guess = guess < 0 ? keys.begin : guess + 1;
    guess = std::clamp(guess, std::min(quiz.guess, keys.begin), keys.end - 1);
    if (guess != quiz.guess && guess >= keys.begin)
        context.actions.run("quiz_answer", {std::to_string(guess)});
}

void draw_question(ViewContext& context, QuizViewState& view, const QuizState& quiz) {
    guess_with_keys(context, quiz);
    const float room = ImGui::GetContentRegionAvail().x, width = std::min(room, ui::px(kWidestColumn));
    const ImVec2 top = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({top.x + std::floor(0.5f * (room - width)), top.y});
    ImGui::BeginGroup();
    if (view.number != quiz.number) view.typed.clear();
    view.number = quiz.number;
    if (quiz.kind == QuizKind::NextToken)
        draw_next_token(context, view, quiz, width);
    else
        draw_looks_at(context, view, quiz, width);
    ImGui::Dummy({1, ui::px(8)});
    draw_paragraph(ui::kit().fonts.lesson, verdict(context, quiz, view.matrix.revealed()), width,
                   quiz.is_revealed && quiz.is_right() ? ui::colors().third : ui::colors().text);
    ImGui::Dummy({1, ui::px(4)});
    ImGui::EndGroup();
}

void draw(ViewContext& context) {
    const QuizState& quiz = context.snapshot.part<QuizState>();
    auto& view = static_cast<QuizViewState&>(context.state);
    std::string line = fmt::format("question {}", std::max(1, quiz.number));
    if (quiz.num_asked > 0) line += fmt::format(" · {} of {} right", quiz.num_right, quiz.num_asked);
    if (context.snapshot.model) line += " · " + context.snapshot.model->spec.name;
    ui::CardSpec spec;
    spec.id = "quiz";
    spec.title = "Quiz";
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] { draw_quiz_controls(context, quiz); };
    ui::Card card{spec, context.pos, context.size};
    if (!card) return;
    if (!quiz.is_on) {
        if (ui::draw_card_state(
                {ui::CardState::Empty, "A quiz on the open model and text.", "Start##quiz_start", -1}))
            context.actions.run("quiz");
        return;
    }
    if (draw_missing_text(context)) return;
    if (!quiz.why_not.empty()) {
        ui::draw_card_state({ui::CardState::Empty, quiz.why_not, nullptr, -1});
        return;
    }
    // A question belongs to the text that is shown; while another comes there is none.
    if (!quiz.is_ready || !context.snapshot.shown_tokens() ||
        context.snapshot.shown_tokens()->id != quiz.text_id) {
        ui::draw_card_state({ui::CardState::Loading, "Making a question", nullptr, -1});
        return;
    }
    draw_question(context, view, quiz);
}

}  // namespace

extern const ViewDescriptor k_view_quiz = {
    .id = "quiz",
    .title = "Quiz",
    .help = "Guess the next token, or where a head looks, before it is shown; Space reveals and goes on.",
    .height = quiz_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<QuizViewState>()); },
    .draw = draw,
};

}  // namespace headlight
