// What the cards about an answer share.
#include "views/cause/cause_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "run/cause/question_options.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/pictures.h"

namespace headlight {

const Question* asked_question(ViewContext& context) {
    const QuestionState& state = context.snapshot.part<QuestionState>();
    if (state.question) return &*state.question;
    const std::string sentence =
        state.why_not.empty() ? "Choose an answer: click a prediction, or a token in the row under the text."
                              : "The question cannot be asked of this text: " + state.why_not + ".";
    ui::draw_card_state({ui::CardState::Empty, sentence, nullptr, -1});
    return nullptr;
}

bool draw_until_ready(bool is_failed, const std::optional<Error>& error, double progress,
                      std::string_view what) {
    if (!is_failed) {
        ui::draw_card_state({ui::CardState::Loading, what, nullptr, progress});
        return false;
    }
    const std::string sentence = error ? error->message : std::string("It could not be measured.");
    // What a model does not define is no mishap.
    const bool is_undefined = error && error->kind == ErrorKind::Unsupported;
    ui::draw_card_state({is_undefined ? ui::CardState::Empty : ui::CardState::Error, sentence, nullptr, -1});
    return false;
}

std::string question_label(const Snapshot& snapshot) {
    const QuestionState& state = snapshot.part<QuestionState>();
    return state.rival.empty() ? state.answer : fmt::format("{} − {}", state.answer, state.rival);
}

AnswerMetric answer_metric(const Settings& settings) {
    for (const AnswerMetric metric : {AnswerMetric::Probability, AnswerMetric::Kl})
        if (settings.answer_metric == to_string(metric)) return metric;
    return AnswerMetric::Difference;
}

const char* unit_of(AnswerMetric metric) {
    return metric == AnswerMetric::Difference ? "logits" : metric == AnswerMetric::Kl ? "nats" : "";
}

std::string part_label(const Component& component) {
    using Kind = Component::Kind;
    switch (component.kind) {
        case Kind::Embedding:
            return "embedding";
        case Kind::Position:
            return "positions";
        case Kind::Head:
            return HeadId{component.layer, component.head}.to_string();
        case Kind::CrossHead:
            return fmt::format("L{} cross H{}", component.layer, component.head);
        case Kind::AttentionBias:
            return fmt::format("L{} attention bias", component.layer);
        case Kind::Mlp:
            return fmt::format("L{} MLP", component.layer);
        case Kind::NormBias:
            return fmt::format("L{} norm bias", component.layer);
        case Kind::FinalNormBias:
            return "final norm bias";
        case Kind::UnembedBias:
            return "output bias";
    }
    return {};
}

ui::Rgba signed_fill(double value, double hi, double gamma) {
    const auto map = difference_colormap(ui::kit().theme, gamma);
    return gfx::color_of_value(static_cast<float>(value),
                               difference_scale(static_cast<float>(std::max(hi, 1e-9))), map);
}

void draw_signed_scale(ImDrawList* list, float left, float right, float top, double gamma) {
    const int pieces = std::max(1, static_cast<int>(right - left));
    for (int i = 0; i < pieces; ++i) {
        const float x = left + static_cast<float>(i);
        ui::draw_fill(list, {x, top}, {x + 1, top + ui::px(7)}, signed_fill(2.0 * i / pieces - 1, 1, gamma));
    }
}

ui::Rgba signed_ink(double value) {
    return signed_fill(value < 0 ? -0.75 : 0.75, 1, 1);
}

void draw_signed_bar(ImDrawList* list, float zero, float reach, float middle, float half, ui::Rgba color) {
    const float end = zero + reach;
    ui::draw_fill(list, {std::min(zero, end), middle - half}, {std::max(zero, end), middle + half}, color,
                  std::min(half, 1.5f));
}

std::string token_name(const Snapshot& snapshot, std::int32_t id) {
    return snapshot.model ? shown_token(*snapshot.model, id) : fmt::format("#{}", id);
}

void put_words(ImVec2 pos, ui::Rgba color, std::string_view words) {
    ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.small_, pos, color, words);
}

void put_words_right(ImVec2 right_top, ui::Rgba color, std::string_view words) {
    ui::draw_tabular_right(ImGui::GetWindowDrawList(), ui::kit().fonts.small_, right_top, ui::to_u32(color),
                           words);
}

}  // namespace headlight
