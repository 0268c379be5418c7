// The rows of a head that a quiz shows.
#include "views/lessons/quiz_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/pictures.h"

namespace headlight {
namespace {

constexpr int kMostRows = 16;
constexpr float kRowDp = 17, kHighestRowDp = 28, kLabelDp = 110, kFootDp = 22;

ui::Rgba weight_color(float weight, double gamma) {
    const auto map = weight_colormap(ui::kit().theme);
    const auto last = static_cast<double>(map.size() / 3 - 1);
    const double shown = std::pow(std::clamp(static_cast<double>(weight), 0.0, 1.0), gamma);
    const auto at = 3 * static_cast<std::size_t>(std::lround(shown * last));
    return {map[at], map[at + 1], map[at + 2], 255};
}

/// Lines that say "not shown".
void draw_hidden(ImDrawList* list, ImVec2 min, ImVec2 max) {
    const ui::Rgba ink = gfx::faded(ui::colors().text, 0.45f);
    ui::draw_fill(list, min, max, ui::colors().masked);
    list->PushClipRect(min, max, true);
    const float height = max.y - min.y;
    for (float x = min.x - height; x < max.x; x += ui::px(7))
        list->AddLine({x, max.y}, {x + height, min.y}, ui::to_u32(ink), std::max(1.0f, ui::px(1)));
    list->PopClipRect();
}

}  // namespace

void QuizMatrix::update(const ViewContext& context, const QuizState& quiz) {
    const bool is_same = text_id_ == quiz.text_id && number_ == quiz.number && kind_ == quiz.kind &&
                         is_revealed_ == quiz.is_revealed;
    if (is_same || !context.snapshot.text) return;
    const AttentionTrace& trace = *context.snapshot.shown_tokens()->trace;
    const KeyRange keys = trace.admissible(quiz.head.layer, quiz.at);
    text_id_ = quiz.text_id;
    number_ = quiz.number;
    kind_ = quiz.kind;
    is_revealed_ = quiz.is_revealed;
    first_ = std::max(0, quiz.at - kMostRows);
    num_keys_ = keys.end;
    stride_ = static_cast<std::size_t>(trace.num_keys());
    rows_.assign(static_cast<std::size_t>(quiz.at - first_) * stride_, 0);
    if (quiz.at > first_) trace.rows(quiz.head.layer, quiz.head.head, first_, quiz.at, rows_);
    revealed_.clear();
    if (!quiz.is_revealed) return;
    revealed_.resize(stride_);
    trace.rows(quiz.head.layer, quiz.head.head, quiz.at, quiz.at + 1, revealed_);
}

float QuizMatrix::weight(const QuizState& quiz, int query, int key) const {
    const auto at = static_cast<std::size_t>(key);
    return query == quiz.at ? revealed_[at] : rows_[static_cast<std::size_t>(query - first_) * stride_ + at];
}

void QuizMatrix::draw_row(const ViewContext& context, const QuizState& quiz, const Place& place,
                          int row) const {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const AnalyzedText& text = *context.snapshot.shown_tokens();
    const int query = first_ + row;
    const bool is_asked = query == quiz.at;
    const ui::ShapedStyle style{11.5f};
    const float y = place.top.y + static_cast<float>(row) * place.row;
    const std::string& word = text.tokens.tokens[static_cast<std::size_t>(query)].display;
    const std::string name =
        ui::shorten_shaped(fmt::format("{} {}", query, word), ui::px(kLabelDp - 8), style);
    const float middle = std::round(0.5f * (place.row - ui::measure_shaped(name, style).height()));
    ui::draw_shaped_right(list, {place.top.x - ui::px(6), y + middle}, name,
                          is_asked ? ui::colors().accent : ui::colors().dim, style);
    const ImVec2 from{place.top.x, y},
        to{from.x + place.cell * static_cast<float>(num_keys_), y + place.row - 1};
    if (is_asked && revealed_.empty()) {
        draw_hidden(list, from, to);
    } else {
        const KeyRange keys = text.trace->admissible(quiz.head.layer, query);
        const double gamma = context.snapshot.settings.gamma;
        const float gap = place.cell > 4 ? 1.0f : 0.0f;
        for (int key = 0; key < num_keys_; ++key) {
            const bool is_seen = key >= keys.begin && key < keys.end;
            const float x = from.x + static_cast<float>(key) * place.cell;
            ui::draw_fill(list, {x, y}, {x + place.cell - gap, to.y},
                          is_seen ? weight_color(weight(quiz, query, key), gamma) : ui::colors().masked);
        }
    }
    if (is_asked) ui::draw_frame(list, from, to, ui::colors().accent, 0, std::max(1.0f, ui::px(1.5f)));
}

void QuizMatrix::say_cell(const ViewContext& context, const QuizState& quiz, const Place& place) const {
    const AnalyzedText& text = *context.snapshot.shown_tokens();
    const ImVec2 at = ImGui::GetIO().MousePos;
    const int row = std::clamp(static_cast<int>((at.y - place.top.y) / place.row), 0, place.num_rows - 1);
    const int key = std::clamp(static_cast<int>((at.x - place.top.x) / place.cell), 0, num_keys_ - 1);
    const int query = first_ + row;
    const KeyRange keys = text.trace->admissible(quiz.head.layer, query);
    if (query == quiz.at && revealed_.empty()) return ui::tooltip("The hidden row: guess first.");
    if (key < keys.begin || key >= keys.end) return;
    const TokenPair pair{text.tokens, query, text.keys(), key};
    ui::tooltip(attention_sentence(pair, static_cast<double>(weight(quiz, query, key))), {}, true);
}

void QuizMatrix::draw(ViewContext& context, const QuizState& quiz, float width, float room) const {
    if (num_keys_ <= 0) return;
    const ImVec2 top = ImGui::GetCursorScreenPos();
    const float label = ui::px(kLabelDp);
    Place place;
    place.top = {top.x + label, top.y};
    place.num_rows = quiz.at - first_ + 1;
    place.row = std::floor(
        std::clamp(room / static_cast<float>(place.num_rows), ui::px(kRowDp), ui::px(kHighestRowDp)));
    place.cell = std::clamp((width - label) / static_cast<float>(num_keys_), 1.0f, 2.2f * place.row);
    for (int row = 0; row < place.num_rows; ++row)
        draw_row(context, quiz, place, row);
    const float height = static_cast<float>(place.num_rows) * place.row;
    ImFont* small = ui::kit().fonts.small_;
    const char* colors = ui::kit().theme == ui::ThemeKind::Light ? "light to dark" : "dark to bright";
    const std::string axes =
        fmt::format("query (from) ↓   key (to) →, tokens 0 to {}   {}: 0 to 100 %", num_keys_ - 1, colors);
    ui::draw_text(ImGui::GetWindowDrawList(), small, {place.top.x, top.y + height + ui::px(3)},
                  ui::colors().dim, ui::shorten_text(small, axes, width - label));
    const ImVec2 size{place.cell * static_cast<float>(num_keys_), height};
    if (ui::hot_area("##quiz_matrix", place.top, size).is_hovered) say_cell(context, quiz, place);
    ImGui::SetCursorScreenPos({top.x, top.y + height + ui::px(kFootDp)});
    ImGui::Dummy({1, 1});
}

}  // namespace headlight
