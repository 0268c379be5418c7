// Token labels on both axes of the heatmap.
#include "views/heatmap/heatmap_axes.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/tokens/fitted_label.h"

namespace headlight {

namespace {

constexpr float kAngle = 0.96f;  // 55 degrees
constexpr float kLabelSize = 11.5f, kMostLeftDp = 150, kMostTopDp = 130;
constexpr float kMostCellWidthDp = 96, kMostCellHeightDp = 56, kBarDp = 72;

ui::ShapedStyle label_style() {
    return {kLabelSize, gfx::TextWeight::Regular};
}

ui::Rgba label_color(int index, int chosen, int hovered) {
    const ui::Colors& colors = ui::colors();
    if (index == chosen) return colors.accent;
    return index == hovered ? colors.text : gfx::mix(colors.dim, colors.text, 0.45f);
}

/// Calls body(index) for what gets a label: every step-th in sight, and the chosen and hovered ones in place
/// of those too near to them.
template <class Body>
void for_labels(double first, double count, int total, int step, std::initializer_list<int> special,
                const Body& body) {
    const int begin = std::max(0, static_cast<int>(std::floor(first)));
    const int end = std::min(total, static_cast<int>(std::ceil(first + count)));
    for (int index = begin; index < end; ++index) {
        const bool is_special = std::find(special.begin(), special.end(), index) != special.end();
        bool is_crowded = index % step != 0;
        for (const int other : special)
            is_crowded |= other >= begin && other < end && step > 1 && std::abs(index - other) < step;
        if (is_special || !is_crowded) body(index);
    }
}

float draw_query_label(const ViewContext& context, const HeatmapPlot& plot, int query, ui::Rgba color) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const std::string index = std::to_string(query);
    const float center = plot.y_of(query + 0.5), right = plot.cells.x - ui::px(8);
    const float number = ui::tabular_width(font, index);
    const gfx::TextExtents extents = ui::measure_shaped("x", label_style());
    ui::draw_tabular_right(list, font, {right, center - font->FontSize / 2},
                           ui::to_u32(gfx::faded(color, 0.75f)), index);
    const float room = ui::px(kMostLeftDp) - number - ui::px(14);
    const std::string label = fitted_label(context.tokens(), query, room, label_style());
    ui::draw_shaped_right(list, {right - number - ui::px(5), center - extents.height() / 2}, label, color,
                          label_style());
    return ui::measure_shaped(label, label_style()).advance + number + ui::px(18);
}

float draw_key_label(const ViewContext& context, const HeatmapPlot& plot, int key, ui::Rgba color) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float room = (ui::px(kMostTopDp) - ui::px(16)) / std::sin(kAngle);
    const std::string label = fitted_label(context.keys(), key, room, label_style());
    const gfx::TextExtents extents = ui::measure_shaped(label, label_style());
    const float x = plot.x_of(key + 0.5) + extents.ascent * 0.3f;
    ui::draw_shaped_rotated(list, {x, plot.cells.y - ui::px(5)}, kAngle, label, color, label_style());
    return extents.advance * std::sin(kAngle) + ui::px(20);
}

/// Along one axis of a pair: a bracket over what is in sight of A and of B. `line(begin, end, tone)` draws
/// it.
template <class Line>
void draw_brackets(const TokenizedText& text, double first, double count, const Line& line) {
    const double end = std::min(first + count, static_cast<double>(text.tokens.size()));
    const double second = std::clamp(static_cast<double>(text.second_token), first, end);
    if (second > first) line(first, second, sentence_tone(0));
    if (end > second) line(second, end, sentence_tone(1));
}

/// Brackets of sentences A and B beside the cells, and lines between the four quadrants.
void draw_sentence_pair(const ViewContext& context, const HeatmapPlot& plot) {
    const TokenizedText& text = context.tokens();
    if (!text.is_pair() || !context.has_one_text()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float thick = ui::px(2), away = ui::px(2), gap = ui::px(1);
    draw_brackets(text, plot.visible.row, plot.visible.rows, [&](double begin, double end, ui::Rgba tone) {
        const float x = plot.cells.x - away - thick;
        ui::draw_fill(list, {x, plot.y_of(begin) + gap}, {x + thick, plot.y_of(end) - gap}, tone, 0);
    });
    draw_brackets(text, plot.visible.col, plot.visible.cols, [&](double begin, double end, ui::Rgba tone) {
        const float y = plot.cells.y - away - thick;
        ui::draw_fill(list, {plot.x_of(begin) + gap, y}, {plot.x_of(end) - gap, y + thick}, tone, 0);
    });
    const float x = plot.x_of(text.second_token), y = plot.y_of(text.second_token);
    const ui::Rgba edge = gfx::faded(ui::colors().text, 0.45f);
    const float dash = ui::px(4), space = ui::px(3);
    if (x > plot.cells.x && x < plot.cells.right())
        ui::draw_dashed_line(list, {x, plot.cells.y}, {x, plot.cells.bottom()}, edge, dash, space, 1);
    if (y > plot.cells.y && y < plot.cells.bottom())
        ui::draw_dashed_line(list, {plot.cells.x, y}, {plot.cells.right(), y}, edge, dash, space, 1);
}

void draw_corner(const HeatmapPlot& plot) {
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImU32 color = ui::to_u32(ui::colors().dim);
    const std::string query = "query (from) ↓", key = "key (to) →";
    const auto width = [&](const std::string& text) {
        return font->CalcTextSizeA(font->FontSize, 10000, 0, text.c_str()).x;
    };
    const float right = plot.cells.x - ui::px(8), y = plot.cells.y - ui::px(6) - font->FontSize;
    const bool is_narrow = width(query) > plot.cells.x - ui::px(8) - ImGui::GetWindowPos().x;
    const std::string first = is_narrow ? "from ↓" : query, second = is_narrow ? "to →" : key;
    list->AddText(font, font->FontSize, {right - width(first), y}, color, first.c_str());
    list->AddText(font, font->FontSize, {right - width(second), y - font->FontSize - ui::px(3)}, color,
                  second.c_str());
}

}  // namespace

int axis_step(float cell_px, float pitch_px) {
    int decade = 1;
    while (decade < 100000000) {
        for (const int factor : {1, 2, 5}) {
            if (cell_px * static_cast<float>(factor * decade) >= pitch_px) return factor * decade;
        }
        decade *= 10;
    }
    return decade;
}

HeatmapPlot place_plot(const LayoutRect& body, const gfx::CellRect& visible, const AxisRoom& room,
                       float scale, float beside_dp) {
    HeatmapPlot plot;
    plot.visible = visible;
    const float left = std::clamp(room.left, 100 * scale, std::min(kMostLeftDp * scale, body.width * 0.35f));
    const float top = std::clamp(room.top, 42 * scale, std::min(kMostTopDp * scale, body.height * 0.4f));
    const float width = std::max(8.0f, body.width - left - (kBarDp + beside_dp) * scale),
                height = std::max(8.0f, body.height - top - 8 * scale);  // half of the last label
    plot.cells.x = std::round(body.x + left);
    plot.cells.y = std::round(body.y + top);
    plot.cells.width =
        std::floor(std::min(width, static_cast<float>(visible.cols) * kMostCellWidthDp * scale));
    plot.cells.height =
        std::floor(std::min(height, static_cast<float>(visible.rows) * kMostCellHeightDp * scale));
    return plot;
}

bool draw_axes(const ViewContext& context, const HeatmapPlot& plot, const AxisHighlight& highlight,
               AxisRoom& room) {
    float left = 0, top = 0;
    const int row_step = axis_step(plot.cell_height(), ui::px(14.5f)),
              col_step = axis_step(plot.cell_width(), ui::px(13));
    for_labels(plot.visible.row, plot.visible.rows, context.num_tokens(), row_step,
               {highlight.query, highlight.hovered_query}, [&](int query) {
                   const float center = plot.y_of(query + 0.5);
                   if (center < plot.cells.y - 1 || center > plot.cells.bottom() + 1) return;
                   left = std::max(
                       left, draw_query_label(context, plot, query,
                                              label_color(query, highlight.query, highlight.hovered_query)));
               });
    for_labels(plot.visible.col, plot.visible.cols, context.num_keys(), col_step,
               {highlight.key, highlight.hovered_key}, [&](int key) {
                   const float center = plot.x_of(key + 0.5);
                   if (center < plot.cells.x - 1 || center > plot.cells.right() + 1) return;
                   top =
                       std::max(top, draw_key_label(context, plot, key,
                                                    label_color(key, highlight.key, highlight.hovered_key)));
               });
    draw_sentence_pair(context, plot);
    draw_corner(plot);
    const bool is_new_text = room.text_id != context.text()->id;
    const float before_left = room.left, before_top = room.top;
    room.left = is_new_text ? left : std::max(room.left, left);
    room.top = is_new_text ? top : std::max(room.top, top);
    room.text_id = context.text()->id;
    return room.left != before_left || room.top != before_top;
}

}  // namespace headlight
