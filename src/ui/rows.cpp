#include "ui/rows.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

constexpr float kFaded = 0.5f;

// A row over the content width: hover fill and reaction. The cursor is left at the next row.
struct RowArea {
    ItemResponse response;
    ImVec2 min, max;
};
RowArea row_area(const char* label, bool is_selected, std::string_view value) {
    RowArea row;
    const float width = std::max(1.0f, ImGui::GetContentRegionAvail().x);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    row.response.is_clicked = ImGui::InvisibleButton(label, {width, px(kRowHeight)});
    ImGui::PopStyleVar();
    row.response.is_hovered = ImGui::IsItemHovered();
    row.response.is_double_clicked =
        row.response.is_hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    row.response.is_right_clicked = row.response.is_hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
    row.min = ImGui::GetItemRectMin();
    row.max = ImGui::GetItemRectMax();
    record_item(label, row.min, row.max, true, is_selected, value);
    row.response.is_clicked |= kit().focus.stop(row.min, row.max);
    if (is_selected || row.response.is_hovered) {
        const Rgba fill =
            is_selected ? gfx::faded(colors().accent, 0.16f) : gfx::faded(colors().control_hover, 0.5f);
        draw_fill(ImGui::GetWindowDrawList(), {row.min.x - px(kRowBleed), row.min.y},
                  {row.max.x + px(kRowBleed), row.max.y}, fill, px(4));
    }
    return row;
}

float text_top(const RowArea& row, ImFont* font) {
    return std::round(0.5f * (row.min.y + row.max.y - font->FontSize));
}

std::vector<float> column_lefts(std::span<const Column> columns, float width) {
    float fixed = 0, shares = 0;
    for (const Column& column : columns) {
        if (column.fixed_width > 0) {
            fixed += px(column.fixed_width);
        } else {
            shares += column.share;
        }
    }
    std::vector<float> lefts = {0};
    for (const Column& column : columns) {
        const float own = column.fixed_width > 0
                              ? px(column.fixed_width)
                              : std::max(0.0f, width - fixed) * column.share / std::max(shares, 1e-6f);
        lefts.push_back(lefts.back() + own);
    }
    return lefts;
}

void draw_cell(const Cell& cell, bool is_number, float left, float right, float top, bool is_faded) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    Rgba ink = cell.color.a > 0 ? cell.color : c.text;
    if (is_faded) ink = gfx::mix(c.card, ink, kFaded);
    if (cell.dot != 0) {
        draw_dot(list, {left + px(5), top + 0.5f * font->FontSize}, px(4), ink, cell.dot == 2);
        left += px(14);
    }
    if (is_number) {
        draw_tabular_right(list, font, {right, top}, to_u32(ink), cell.text);
    } else if (cell.is_shaped) {
        draw_shaped(list, {left, top}, shorten_shaped(cell.text, right - left - px(4)), ink);
    } else {
        draw_text(list, font, {left, top}, ink, shorten_text(font, cell.text, right - left - px(4)));
    }
}

}  // namespace

void draw_bar(ImDrawList* list, ImVec2 pos, float width, double fraction, double reference, Rgba color) {
    const float thick = std::max(2.0f, px(6)), radius = 0.5f * thick;
    draw_fill(list, pos, {pos.x + width, pos.y + thick}, colors().track, radius);
    if (fraction >= 0 && std::isfinite(fraction)) {
        const float length = std::max(static_cast<float>(std::min(fraction, 1.0)) * width, px(2));
        draw_fill(list, pos, {pos.x + length, pos.y + thick}, color, std::min(radius, 0.5f * length));
    }
    if (reference >= 0 && std::isfinite(reference)) {
        const float x = pos.x + static_cast<float>(std::min(reference, 1.0)) * (width - 1);
        const float half = 0.5f * std::max(1.0f, px(2));
        const Rgba tick = gfx::mix(colors().dim, colors().text, 0.35f);
        draw_fill(list, {x - half, pos.y - px(3)}, {x - half + 2 * half, pos.y + thick + px(3)}, tick);
    }
}

ItemResponse metric_row(const MetricRow& row) {
    const Colors& c = colors();
    const RowArea area = row_area(row.label, false, row.value);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    const float width = area.max.x - area.min.x, top = text_top(area, font);
    const float bar_width = std::min(px(80), 0.26f * width), bar_left = area.max.x - bar_width;
    const Rgba ink = row.is_faded ? gfx::mix(c.card, c.text, kFaded) : c.text;
    float right = bar_left - px(12);
    const std::string value(row.value);
    const float unit_width = row.unit.empty() ? 0 : measure_text(font, row.unit).x + px(4);
    draw_text(list, font, {right - unit_width + px(4), top}, c.dim, row.unit);
    right -= unit_width;
    draw_tabular_right(list, font, {right, top}, to_u32(ink), value);
    right -= tabular_width(font, value) + px(8);
    draw_text(list, font, {area.min.x, top}, ink,
              shorten_text(font, visible_text(row.label), right - area.min.x));
    if (row.fraction >= 0 || row.reference >= 0) {
        Rgba bar = row.bar.a > 0 ? row.bar : c.second;
        if (row.is_faded) bar = gfx::faded(bar, kFaded);
        draw_bar(list, {bar_left, 0.5f * (area.min.y + area.max.y) - px(3)}, bar_width, row.fraction,
                 row.reference, bar);
    }
    if (!row.tooltip.empty()) tooltip_for_last_item(row.tooltip, row.tooltip_title);
    return area.response;
}

ItemResponse bar_row(const BarRow& row) {
    const Colors& c = colors();
    const RowArea area = row_area(row.id, row.is_selected, row.value);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    const float width = area.max.x - area.min.x, top = text_top(area, font);
    const float bar_left = area.min.x + 0.46f * width,
                bar_width = std::max(px(20), 0.96f * width - 0.46f * width);
    const float value_right = bar_left - px(10);
    const float value_left = value_right - tabular_width(font, row.value);
    const float suffix_width = row.suffix.empty() ? 0 : tabular_width(font, row.suffix) + px(4);
    const Rgba ink = row.is_faded ? gfx::mix(c.card, c.text, kFaded) : c.text;
    const std::string label =
        shorten_shaped(row.label, std::max(px(10), value_left - px(8) - suffix_width - area.min.x));
    const float label_width = draw_shaped(list, {area.min.x, top}, label, ink);
    draw_tabular(list, font, {area.min.x + label_width + px(4), top}, to_u32(c.dim), row.suffix);
    draw_tabular_right(list, font, {value_right, top}, to_u32(ink), row.value);
    if (row.fraction >= 0) {
        const Rgba bar = row.bar.a > 0 ? row.bar : c.accent;
        draw_bar(list, {bar_left, 0.5f * (area.min.y + area.max.y) - px(3)}, bar_width, row.fraction, -1,
                 row.is_faded ? gfx::faded(bar, kFaded) : bar);
    }
    if (!row.tooltip.empty()) tooltip_for_last_item(row.tooltip);
    return area.response;
}

void table_header(std::span<const Column> columns) {
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const auto lefts = column_lefts(columns, width);
    ImFont* font = kit().fonts.body;
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const float text_width = measure_text(font, columns[i].title).x;
        const float x = columns[i].is_number ? origin.x + lefts[i + 1] - text_width : origin.x + lefts[i];
        draw_text(list, font, {x, origin.y}, colors().dim, columns[i].title);
    }
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    ImGui::Dummy({width, px(kRowHeight)});
    ImGui::PopStyleVar();
}

ItemResponse table_row(const char* id, std::span<const Column> columns, std::span<const Cell> cells,
                       bool is_selected, bool is_faded) {
    const RowArea area = row_area(id, is_selected, cells.empty() ? std::string_view{} : cells[0].text);
    const auto lefts = column_lefts(columns, area.max.x - area.min.x);
    const float top = text_top(area, kit().fonts.body);
    for (std::size_t i = 0; i < std::min(columns.size(), cells.size()); ++i) {
        draw_cell(cells[i], columns[i].is_number, area.min.x + lefts[i], area.min.x + lefts[i + 1], top,
                  is_faded);
    }
    return area.response;
}

bool progress(const ProgressSpec& spec) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = spec.width > 0 ? spec.width : ImGui::GetContentRegionAvail().x;
    float y = origin.y;
    if (!spec.stage.empty()) {
        draw_text(list, font, {origin.x, y}, c.text, spec.stage);
        const float left = origin.x + measure_text(font, spec.stage).x + px(8);
        draw_text(list, font, {left, y}, c.dim,
                  shorten_text(font, spec.detail, std::max(0.0f, origin.x + width - left)));
        y += font->FontSize + px(5);
    }
    const float button_width =
        spec.cancel != nullptr ? measure_text(font, visible_text(spec.cancel)).x + 2 * px(12) + px(8) : 0;
    const float bar_width = std::max(px(20), width - button_width), thick = px(6);
    const float bar_y = y + (spec.cancel != nullptr ? 0.5f * (px(kControlHeight) - thick) : px(2));
    if (spec.fraction >= 0) {
        draw_bar(list, {origin.x, bar_y}, bar_width, spec.fraction, -1, c.second);
    } else {
        draw_bar(list, {origin.x, bar_y}, bar_width, -1, -1, c.second);
        const float phase = static_cast<float>(std::fmod(ImGui::GetTime() * 0.7, 1.0)),
                    piece = 0.3f * bar_width;
        const float left = origin.x - piece + phase * (bar_width + piece);
        list->PushClipRect({origin.x, bar_y}, {origin.x + bar_width, bar_y + thick}, true);
        draw_fill(list, {left, bar_y}, {left + piece, bar_y + thick}, c.second, 0.5f * thick);
        list->PopClipRect();
        request_redraw(1.0 / 30);
    }
    bool is_cancelled = false;
    if (spec.cancel != nullptr) {
        ImGui::SetCursorScreenPos({origin.x + width - button_width + px(8), y});
        is_cancelled = pill_button(spec.cancel);
        y += px(kControlHeight);
    } else {
        y = bar_y + thick;
    }
    ImGui::SetCursorScreenPos(origin);
    ImGui::Dummy({width, y - origin.y});
    return is_cancelled;
}

void status_line(ImVec2 pos, float width, std::string_view left, std::string_view right) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.small_;
    const float right_width = measure_text(font, right).x;
    draw_text(list, font, {pos.x + width - right_width, pos.y}, colors().dim, right);
    draw_text(list, font, pos, colors().dim,
              shorten_text(font, left, std::max(0.0f, width - right_width - px(24))));
    record_item("status", pos, {pos.x + width, pos.y + font->FontSize}, true, false, left);
}

}  // namespace headlight::ui
