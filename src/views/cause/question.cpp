// The question under the text: after which token, why this answer, and not which other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/words/text_breaks.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "views/cause/cause_card.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr const char* kAnswers = "##answers";
constexpr int kListed = 10;

enum class Slot { Position, Answer, Rival };

struct QuestionViewState final : ViewState {
    Slot slot = Slot::Answer;  // that the open list is for
    ui::TextBox typed;
};

HeightWish question_height(const Snapshot&, const ViewState&, float) {
    return {50, 50};
}

/// What is asked now, or would be if an answer were chosen.
AskedQuestion asked_now(const ViewContext& context) {
    const QuestionState& state = context.snapshot.part<QuestionState>();
    if (state.asked) return *state.asked;
    AskedQuestion fresh;
    fresh.at = context.snapshot.token_selection.query;
    return fresh;
}

int position_of(const ViewContext& context) {
    const QuestionState& state = context.snapshot.part<QuestionState>();
    if (state.question) return state.question->position;
    const int at = asked_now(context).at;
    return at >= 0 && at < context.num_model_tokens() ? at : context.num_model_tokens() - 1;
}

void ask(ViewContext& context, const AskedQuestion& asked) {
    std::vector<std::string> words = {std::to_string(asked.at), fmt::format("id:{}", asked.answer)};
    if (asked.rival) words.push_back(fmt::format("id:{}", *asked.rival));
    context.actions.run("question", std::move(words));
    context.actions.choose_query_token(asked.at >= 0 ? asked.at : context.num_model_tokens() - 1);
}

void choose_token(ViewContext& context, const QuestionViewState& state, std::int32_t id) {
    AskedQuestion asked = asked_now(context);
    asked.at = position_of(context);
    if (state.slot == Slot::Answer) asked.answer = id;
    if (state.slot == Slot::Rival) asked.rival = id;
    if (asked.answer == asked.rival) asked.rival.reset();
    if (asked.answer >= 0) ask(context, asked);
}

/// Typed and ended with Enter: a token by its text; a word usually begins with a space.
void take_typed(ViewContext& context, QuestionViewState& state) {
    std::string text = state.typed.text();
    std::erase(text, '\n');
    if (text.empty()) return;
    const AskedQuestion asked = asked_now(context);
    std::vector<std::string> words = {std::to_string(position_of(context))};
    if (state.slot == Slot::Answer) {
        words.push_back(text);
        if (asked.rival) words.push_back(fmt::format("id:{}", *asked.rival));
    } else if (asked.answer >= 0) {
        words.push_back(fmt::format("id:{}", asked.answer));
        words.push_back(text);
    }
    if (words.size() > 1) context.actions.run("question", std::move(words));
}

void draw_answer_list(ViewContext& context, QuestionViewState& state) {
    const int position = position_of(context);
    ui::text_small(fmt::format("likeliest after token {}", position), ui::colors().dim);
    const Derived<QueryPredictions> derived = context.values.predictions(position);
    if (!derived.is_ready())
        ui::text_dim(derived.error ? derived.error->message : std::string("predicting …"));
    for (std::size_t i = 0; derived.is_ready() && i < derived.value->top.size() && i < kListed; ++i) {
        const TokenPrediction& prediction = derived.value->top[i];
        const std::string id = fmt::format("answer_{}", prediction.id),
                          value = format_percent_column(prediction.probability);
        ui::BarRow row;
        row.id = id.c_str();
        row.label = i < derived.value->display.size() ? std::string_view(derived.value->display[i]) : "?";
        row.value = value;
        row.fraction = prediction.probability;
        row.bar = ui::colors().third;
        if (ui::bar_row(row).is_clicked) {
            choose_token(context, state, prediction.id);
            ImGui::CloseCurrentPopup();
        }
    }
    if (state.slot == Slot::Rival && ui::toolbar_button("no other: the mean of all tokens##no_rival")) {
        AskedQuestion asked = asked_now(context);
        asked.rival.reset();
        if (asked.answer >= 0) ask(context, asked);
        ImGui::CloseCurrentPopup();
    }
    ui::text_small("or type a token, with its space, and Enter", ui::colors().dim);
    const bool is_typed = state.typed.draw("##typed_answer", "·Mary", ui::px(230), 1);
    if (!is_typed || state.typed.text().find('\n') == std::string::npos) return;
    take_typed(context, state);
    ImGui::CloseCurrentPopup();
}

void draw_position_list(ViewContext& context) {
    const int count = context.num_model_tokens(), chosen = position_of(context);
    const int first = std::clamp(chosen - 8, 0, std::max(0, count - 17));
    ui::text_small("the place that predicts", ui::colors().dim);
    for (int i = first; i < std::min(count, first + 17); ++i) {
        const std::string id = fmt::format("place_{}", i), label = token_label(context.model_tokens(), i),
                          suffix = std::to_string(i);
        ui::BarRow row;
        row.id = id.c_str();
        row.label = label;
        row.suffix = suffix;
        row.is_selected = i == chosen;
        if (!ui::bar_row(row).is_clicked) continue;
        AskedQuestion asked = asked_now(context);
        asked.at = i;
        if (asked.answer >= 0)
            ask(context, asked);
        else
            context.actions.choose_query_token(i);
        ImGui::CloseCurrentPopup();
    }
}

/// A chip that opens the list of its slot.
void draw_slot(QuestionViewState& state, Slot slot, const char* id, const std::string& text, bool is_accent,
               const char* help, float middle) {
    ui::ChipSpec chip;
    chip.id = id;
    chip.text = text;
    chip.pad_x = 8;
    chip.pad_y = 4;
    if (is_accent) {
        chip.fill = ui::colors().accent;
        chip.text_color = ui::colors().on_accent;
    }
    ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, middle - ui::chip_size(chip).y / 2});
    const auto response = ui::chip(chip);
    ui::tooltip_for_last_item(help);
    if (response.is_clicked) {
        state.slot = slot;
        state.typed.set_text({}, true);
        ImGui::OpenPopup(kAnswers);
    }
    ImGui::SameLine(0, ui::px(8));
}

void put_word(const char* word, float middle) {
    ImFont* font = ui::kit().fonts.body;
    ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, middle - font->FontSize / 2});
    ui::text_dim(word);
    ImGui::SameLine(0, ui::px(8));
}

/// "6.12 logits   P(·Mary) 92.3 %": what the model says, once the last state was read.
void draw_readout(ViewContext& context, float left, float right, float middle) {
    const QuestionState& state = context.snapshot.part<QuestionState>();
    if (!state.question) return;
    const Derived<Lens> lens = context.values.lens();
    if (!lens.is_ready() || lens.value->difference.empty()) return;
    const std::int64_t last = lens.value->num_states - 1, row = state.question->position;
    std::string words =
        fmt::format("{} logits   P({}) {}", format_signed(lens.value->difference.at(last, row)), state.answer,
                    format_percent(lens.value->probability.at(last, row)));
    const ui::ShapedStyle style{13, gfx::TextWeight::Regular};
    const std::string number = format_signed(lens.value->difference.at(last, row));
    if (ui::measure_shaped(words, style).advance > right - left) words = number + " logits";
    if (ui::measure_shaped(words, style).advance > right - left) words = number;
    words = ui::shorten_shaped(words, std::max(0.0f, right - left), style);
    const gfx::TextExtents extents = ui::measure_shaped(words, style);
    ui::draw_shaped_right(ImGui::GetWindowDrawList(), {right, middle - extents.height() / 2}, words,
                          ui::colors().text, style);
}

void draw_metric(ViewContext& context) {
    static constexpr const char* kNames[] = {"difference", "probability", "kl"};
    const ui::Segment segments[] = {
        {"logit difference##metric_difference", "The answer's logit minus the rival's: adds up best", true},
        {"probability##metric_probability", "Of the answer; saturates near 0 and 1", true},
        {"KL##metric_kl", "KL of the whole next-token distribution: any change counts", true}};
    int selected = static_cast<int>(answer_metric(context.snapshot.settings));
    if (ui::segmented("##answer_metric", segments, selected))
        context.actions.set("answer_metric", kNames[selected]);
}

void draw_body(ViewContext& context, QuestionViewState& state) {
    const QuestionState& now = context.snapshot.part<QuestionState>();
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float middle = pos.y + available.y / 2;
    const int position = position_of(context);
    const bool is_masked =
        context.snapshot.model && context.snapshot.model->spec.prediction == Prediction::MaskedToken;
    const auto draw_question = [&](int most) {  // characters of a token
        const auto short_of = [most](const std::string& token) {
            return shorten_middle(token, static_cast<std::size_t>(most));
        };
        put_word(is_masked ? "at" : "after", middle);
        draw_slot(state, Slot::Position, "question_at",
                  fmt::format("{} {}", token_label(context.model_tokens(), position, most), position), true,
                  "The place whose prediction is asked about", middle);
        put_word("why", middle);
        draw_slot(state, Slot::Answer, "question_answer",
                  now.answer.empty() ? (most > 8 ? "choose an answer" : "choose") : short_of(now.answer),
                  false, "The answer: click for the ten likeliest, or type any token", middle);
        put_word("and not", middle);
        draw_slot(state, Slot::Rival, "question_rival", now.rival.empty() ? "the mean" : short_of(now.rival),
                  false, "The other answer; without one the mean logit of all tokens", middle);
        put_word("?", middle);
    };
    int most = 16;
    while (most > 4 &&
           ui::unseen_width([&] { draw_question(most); }, ui::kit().density) > available.x - ui::px(4))
        most -= 4;
    draw_question(most);
    const float left = ImGui::GetCursorScreenPos().x;
    float right = pos.x + available.x;
    // In full, else as a chip that opens a list, else not at all: the words of the question come first.
    for (const ui::Density density : {ui::Density::Full, ui::Density::Compact}) {
        const float metric = ui::unseen_width([&] { draw_metric(context); }, density);
        if (right - metric < left + ui::px(6)) continue;
        const ui::Density before = std::exchange(ui::kit().density, density);
        ImGui::SetCursorScreenPos({right - metric, middle - ui::px(12)});
        draw_metric(context);
        ui::kit().density = before;
        right -= metric + ui::px(14);
        break;
    }
    draw_readout(context, left, right, middle);
    ImGui::SetNextWindowSize({ui::px(270), 0});
    if (!ImGui::BeginPopup(kAnswers, ImGuiWindowFlags_NoMove)) return;
    if (state.slot == Slot::Position)
        draw_position_list(context);
    else
        draw_answer_list(context, state);
    ImGui::EndPopup();
}

void draw(ViewContext& context) {
    auto& state = static_cast<QuestionViewState&>(context.state);
    ui::CardSpec spec;
    spec.id = "question";
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_question = {
    "question",
    "Question",
    "After which token, why this answer and not that one: what the cards of this workspace explain.",
    question_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<QuestionViewState>()); },
    draw};

}  // namespace headlight
