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
constexpr float kRowDp = 17, kLabelDp = 96, kFootDp = 22;

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

float QuizMatrix::height() const {
    return ui::px(kRowDp) * static_cast<float>(kMostRows + 1) + ui::px(kFootDp);
}

void QuizMatrix::draw(ViewContext& context, const QuizState& quiz, ImVec2 size) const {
    if (num_keys_ <= 0) return;
    const ImVec2 top = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const AnalyzedText& text = *context.snapshot.shown_tokens();
    const int num_rows = quiz.at - first_ + 1;
    const float label = ui::px(kLabelDp), row_height = ui::px(kRowDp);
    const float cell = std::clamp((size.x - label) / static_cast<float>(num_keys_), 1.0f, 2.2f * row_height);
    const double gamma = context.snapshot.settings.gamma;
    for (int row = 0; row < num_rows; ++row) {
        const int query = first_ + row;
        const float y = top.y + static_cast<float>(row) * row_height;
        const bool is_asked = query == quiz.at;
        const std::string name = ui::shorten_shaped(
            fmt::format("{} {}", query, text.tokens.tokens[static_cast<std::size_t>(query)].display),
            label - ui::px(8));
        ui::draw_shaped_right(list, {top.x + label - ui::px(6), y + ui::px(1)}, name,
                              is_asked ? ui::colors().accent : ui::colors().dim, {11.5f});
        const ImVec2 from{top.x + label, y},
            to{from.x + cell * static_cast<float>(num_keys_), y + row_height - 1};
        if (is_asked && revealed_.empty()) {
            draw_hidden(list, from, to);
        } else {
            const KeyRange keys = text.trace->admissible(quiz.head.layer, query);
            const float* weights =
                is_asked ? revealed_.data() : rows_.data() + static_cast<std::size_t>(row) * stride_;
            for (int key = 0; key < num_keys_; ++key) {
                const bool is_seen = key >= keys.begin && key < keys.end;
                const float x = from.x + static_cast<float>(key) * cell;
                const float gap = cell > 4 ? 1.0f : 0.0f;
                ui::draw_fill(list, {x, y}, {x + cell - gap, to.y},
                              is_seen ? weight_color(weights[key], gamma) : ui::colors().masked);
            }
        }
        if (is_asked) ui::draw_frame(list, from, to, ui::colors().accent, 0, std::max(1.0f, ui::px(1.5f)));
    }
    const float foot = top.y + static_cast<float>(num_rows) * row_height + ui::px(3);
    const std::string axes = ui::shorten_text(
        ui::kit().fonts.small_,
        fmt::format("query (from) ↓   key (to) →, tokens 0 to {}   dark to bright: 0 to 100 %",
                    num_keys_ - 1),
        size.x - label);
    const std::string light = ui::shorten_text(
        ui::kit().fonts.small_,
        fmt::format("query (from) ↓   key (to) →, tokens 0 to {}   light to dark: 0 to 100 %", num_keys_ - 1),
        size.x - label);
    ui::draw_text(list, ui::kit().fonts.small_, {top.x + label, foot}, ui::colors().dim,
                  ui::kit().theme == ui::ThemeKind::Light ? light : axes);
    const ImVec2 cells_size{cell * static_cast<float>(num_keys_), static_cast<float>(num_rows) * row_height};
    const auto response = ui::hot_area("##quiz_matrix", {top.x + label, top.y}, cells_size);
    if (response.is_hovered) {
        const ImVec2 at = ImGui::GetIO().MousePos;
        const int row = std::clamp(static_cast<int>((at.y - top.y) / row_height), 0, num_rows - 1);
        const int key = std::clamp(static_cast<int>((at.x - top.x - label) / cell), 0, num_keys_ - 1);
        const int query = first_ + row;
        const bool is_hidden = query == quiz.at && revealed_.empty();
        const KeyRange keys = text.trace->admissible(quiz.head.layer, query);
        const TokenPair pair{text.tokens, query, text.keys(), key};
        if (is_hidden) {
            ui::tooltip("The hidden row: guess first.");
        } else if (key >= keys.begin && key < keys.end) {
            const float weight =
                query == quiz.at
                    ? revealed_[static_cast<std::size_t>(key)]
                    : rows_[static_cast<std::size_t>(row) * stride_ + static_cast<std::size_t>(key)];
            ui::tooltip(attention_sentence(pair, static_cast<double>(weight)), {}, true);
        }
    }
    ImGui::SetCursorScreenPos({top.x, foot + ui::px(kFootDp - 3)});
    ImGui::Dummy({1, 1});
}

}  // namespace headlight
