// What surrounds the thumbnails.
#include "views/grid/grid_decor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/grid/grid_legend.h"
#include "views/pictures.h"
#include "views/tokens/shown_run.h"

namespace headlight {

namespace {

ImFont* label_font() {
    return ui::kit().fonts.small_;
}

float text_width(ImFont* font, const std::string& text) {
    return font->CalcTextSizeA(font->FontSize, 10000, 0, text.c_str()).x;
}

void put_text(ImFont* font, ImVec2 pos, ui::Rgba color, const std::string& text) {
    ImGui::GetWindowDrawList()->AddText(font, font->FontSize, pos, ui::to_u32(color), text.c_str());
}

/// Every how many rows a label fits.
int label_step(float pitch) {
    const float needed = ui::px(13);
    for (const int step : {1, 2, 5, 10, 20}) {
        if (pitch * static_cast<float>(step) >= needed) return step;
    }
    return 50;
}

std::string row_label(const GridModel& model, int row) {
    if (model.is_sorted) return std::to_string(row * model.cols + 1);
    return row == model.num_layers ? "mean" : "L" + std::to_string(row);
}

void draw_row_labels(const ViewContext& context, const GridModel& model, const GridGeometry& geometry) {
    ImFont* font = label_font();
    const int step = label_step(geometry.cell_height),
              chosen = model.find(context.snapshot.selection.head).first;
    for (int row = 0; row < geometry.rows; ++row) {
        const bool is_mean = !model.is_sorted && row == model.num_layers;
        const bool is_chosen = row == chosen && !model.is_sorted;
        if (!is_mean && !is_chosen && row % step != 0) continue;
        if (!is_chosen && !is_mean && step > 1 && chosen >= 0 && std::abs(row - chosen) < step &&
            !model.is_sorted)
            continue;
        const LayoutRect cell = geometry.cell(row, 0);
        const float y = cell.y + (cell.height - font->FontSize) / 2;
        if (y < geometry.area.y - font->FontSize / 2 || y > geometry.area.bottom() - font->FontSize / 2)
            continue;
        const std::string label = row_label(model, row);
        const ui::Rgba color = is_chosen ? ui::colors().text : ui::colors().dim;
        put_text(font, {geometry.area.x - ui::px(6) - text_width(font, label), y}, color, label);
    }
}

void draw_column_labels(const ViewContext& context, const GridModel& model, const GridGeometry& geometry,
                        float y) {
    ImFont* font = label_font();
    const float widest = text_width(font, "H" + std::to_string(std::max(0, model.num_heads - 1))) + ui::px(3);
    int step = 1;
    while (geometry.cell_width * static_cast<float>(step) < widest && step < 64)
        ++step;
    const int chosen = context.snapshot.selection.head.head;
    const LayoutRect mean = geometry.cell(0, model.num_heads);
    const bool has_room = text_width(font, "mean") <= geometry.cell_width + ui::px(4);
    const std::string mean_label = has_room ? "mean" : "\u03bc";
    const float mean_width = text_width(font, mean_label);
    const float mean_left =
        std::min(mean.x + (mean.width - mean_width) / 2, geometry.area.right() - mean_width);
    for (int col = 0; col < geometry.cols; ++col) {
        const bool is_mean = col == model.num_heads, is_chosen = col == chosen;
        if (!is_mean && !is_chosen && (col % step != 0 || (step > 1 && std::abs(col - chosen) < step)))
            continue;
        const LayoutRect cell = geometry.cell(0, col);
        const std::string label = is_mean ? mean_label : "H" + std::to_string(col);
        const float width = text_width(font, label);
        const float x = std::min(cell.x + (cell.width - width) / 2, geometry.area.right() - width);
        const bool hits_mean =
            !is_mean && x + width + ui::px(4) > mean_left && cell.x < mean_left + ui::px(8);
        if (hits_mean && !is_chosen) continue;
        if (cell.x + cell.width / 2 < geometry.area.x || cell.x + cell.width / 2 > geometry.area.right())
            continue;
        put_text(font, {x, y}, is_chosen ? ui::colors().text : ui::colors().dim, label);
    }
}

/// A thin bracket over the heads that read the same keys and values.
void draw_kv_brackets(const ViewContext& context, const GridModel& model, const GridGeometry& geometry,
                      float y) {
    if (!context.snapshot.model) return;
    const ModelSpec& spec = context.snapshot.model->spec;
    if (!shares_kv_heads(spec, context.trace().info())) return;
    const int group = spec.num_heads / spec.num_kv_heads;
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (int kv = 0; kv < spec.num_kv_heads; ++kv) {
        const LayoutRect first = geometry.cell(0, kv * group),
                         last = geometry.cell(0, std::min(model.num_heads, (kv + 1) * group) - 1);
        const float x0 = std::max(first.x + ui::px(2), geometry.area.x),
                    x1 = std::min(last.right() - ui::px(2), geometry.area.right());
        if (x1 <= x0) continue;
        ui::draw_hline(list, x0, x1, y, ui::colors().line);
        ui::draw_vline(list, x0, y, y + ui::px(3), ui::colors().line);
        ui::draw_vline(list, x1, y, y + ui::px(3), ui::colors().line);
        ui::hot_area(fmt::format("##kv{}", kv).c_str(), {x0, y - ui::px(14)}, {x1 - x0, ui::px(16)});
        ui::tooltip_for_last_item(fmt::format("Heads {} to {} share one key/value head ({}).", kv * group,
                                              (kv + 1) * group - 1, kv));
    }
}

/// "L24H4", or "24.4" as options say it.
std::string head_name(HeadId head, bool is_short) {
    return is_short ? fmt::format("{}.{}", head.layer, head.head) : head.to_string();
}

/// In an ordered grid each thumbnail says whose it is, all of them in the longest form that fits all.
void draw_head_names(const GridModel& model, const GridGeometry& geometry) {
    if (!model.is_sorted || geometry.rows == 0 || geometry.cols == 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.tiny;
    const auto fits = [&](const std::string& name) {
        return ui::measure_text(font, name).x + 4 <= geometry.cell(0, 0).width;
    };
    // No digit is wider than 0.
    const int layer = model.num_layers > 100  ? 100
                      : model.num_layers > 10 ? 20
                                              : 0,
              head = model.num_heads > 100  ? 100
                     : model.num_heads > 10 ? 20
                                            : 0;
    const bool is_short = !fits(head_name({layer, head}, false));
    const bool has_value = model.has_tint_values && fits(head_name({layer, head}, is_short) + " −0.00");
    ImGui::PushClipRect({geometry.area.x, geometry.area.y}, {geometry.area.right(), geometry.area.bottom()},
                        true);
    for (int row = 0; row < geometry.rows; ++row) {
        for (int col = 0; col < geometry.cols; ++col) {
            const GridCell& cell = model.at(row, col);
            const LayoutRect rect = geometry.cell(row, col);
            std::string name = head_name(cell.head, is_short);
            if (has_value && cell.tint_value) name += fmt::format(" {:.2f}", *cell.tint_value);
            const ImVec2 size = ui::measure_text(font, name);
            if (cell.kind != GridCell::Kind::Head || size.x + 4 > rect.width || size.y > rect.height * 0.6f)
                continue;
            const ImVec2 min{rect.x + 1, rect.bottom() - size.y - 1};
            ui::draw_fill(list, min, {min.x + size.x + 4, rect.bottom() - 1},
                          gfx::faded(ui::colors().card, 0.8f), 2);
            ui::draw_text(list, font, {min.x + 2, min.y}, ui::colors().text, name);
        }
    }
    ImGui::PopClipRect();
}

}  // namespace

ui::Rgba tint_color(const GridModel& model, float tint) {
    if (!model.is_tint_signed) return gfx::faded(ui::colors().third, 0.06f + 0.62f * tint);
    const auto map = difference_colormap(ui::kit().theme, 1);
    const std::size_t entry =
        static_cast<std::size_t>(tint * static_cast<float>(map.size() / 3 - 1) + 0.5f) * 3;
    return gfx::faded({map[entry], map[entry + 1], map[entry + 2], 255},
                      0.2f + 0.6f * std::abs(2 * tint - 1));
}

GridFrame grid_frame(const LayoutRect& body, const GridModel& model, float scale) {
    GridFrame out;
    ImFont* font = label_font();
    const std::string widest = model.is_sorted ? std::to_string(model.rows * model.cols) : "mean";
    out.label_width =
        std::max(text_width(font, widest), text_width(font, "L" + std::to_string(model.num_layers))) +
        8 * scale;
    out.label_height = model.is_sorted ? 0 : font->FontSize + 8 * scale;
    const int lines = legend_lines(model, body.width);
    const float legend =
        lines > 0 ? (static_cast<float>(lines) * kLegendRowDp + kLegendGapDp - 4) * scale : 0;
    out.cells = {body.x + out.label_width, body.y + out.label_height,
                 std::max(1.0f, body.width - out.label_width),
                 std::max(1.0f, body.height - out.label_height - legend)};
    out.legend = {body.x, body.bottom() - legend, body.width, legend};
    return out;
}

void draw_grid_labels(const ViewContext& context, const GridModel& model, const GridGeometry& geometry,
                      const GridFrame& frame) {
    draw_row_labels(context, model, geometry);
    draw_head_names(model, geometry);
    if (frame.label_height <= 0) return;
    draw_column_labels(context, model, geometry, frame.cells.y - frame.label_height);
    draw_kv_brackets(context, model, geometry, frame.cells.y - ui::px(5));
}

void draw_grid_scrollbars(const GridGeometry& geometry) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Rgba color = gfx::faded(ui::colors().dim, 0.55f);
    const LayoutRect& area = geometry.area;
    if (geometry.max_scroll_y() > 0) {
        const float length = std::max(ui::px(24), area.height * area.height / geometry.content_height);
        const float y = area.y + (area.height - length) * geometry.scroll_y / geometry.max_scroll_y();
        ui::draw_fill(list, {area.right() - ui::px(4), y}, {area.right(), y + length}, color, ui::px(2));
    }
    if (geometry.max_scroll_x() > 0) {
        const float length = std::max(ui::px(24), area.width * area.width / geometry.content_width);
        const float x = area.x + (area.width - length) * geometry.scroll_x / geometry.max_scroll_x();
        ui::draw_fill(list, {x, area.bottom() - ui::px(4)}, {x + length, area.bottom()}, color, ui::px(2));
    }
}

void mark_replaced_heads(const ViewContext& context, const GridModel& model, const GridGeometry& geometry) {
    const InterventionsPtr& changes = context.snapshot.interventions;
    if (!changes) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({geometry.area.x, geometry.area.y}, {geometry.area.right(), geometry.area.bottom()},
                       true);
    for (const Intervention& change : *changes) {
        for (const HeadId head : change.heads) {
            const auto [row, col] = model.find(head);
            if (row < 0) continue;
            const LayoutRect cell = geometry.cell(row, col);
            const float r = std::min(ui::px(4), cell.height / 4), x = cell.x + r + ui::px(4),
                        y = cell.bottom() - r - ui::px(4);
            ui::draw_fill(list, {x - r - 2, y - r - 2}, {x + r + 3, y + r + 3}, ui::colors().popup,
                          ui::px(3));
            const ImU32 color = ui::to_u32(ui::colors().error);
            list->AddLine({x - r, y - r}, {x + r, y + r}, color, ui::px(1.6f));
            list->AddLine({x - r, y + r}, {x + r, y - r}, color, ui::px(1.6f));
        }
    }
    list->PopClipRect();
}

void mark_absent_layers(const ViewContext& context, const GridModel& model, const GridGeometry& geometry) {
    if (model.is_sorted) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = label_font();
    const std::string sentence = "no softmax attention";
    list->PushClipRect({geometry.area.x, geometry.area.y}, {geometry.area.right(), geometry.area.bottom()},
                       true);
    for (const int layer : context.trace().info().absent_layers) {
        const LayoutRect first = geometry.cell(layer, 0),
                         last = geometry.cell(layer, std::max(0, model.num_heads - 1));
        const float width = text_width(font, sentence), room = last.right() - first.x,
                    middle = first.y + first.height / 2;
        const ui::Rgba line = gfx::faded(ui::colors().dim, 0.45f);
        if (room < width + ui::px(24) || first.height < font->FontSize) {
            ui::draw_hline(list, first.x + ui::px(2), last.right() - ui::px(2), middle, line);
            continue;
        }
        const float left = first.x + (room - width) / 2;
        ui::draw_hline(list, first.x + ui::px(2), left - ui::px(6), middle, line);
        ui::draw_hline(list, left + width + ui::px(6), last.right() - ui::px(2), middle, line);
        put_text(font, {left, middle - font->FontSize / 2}, ui::colors().dim, sentence);
    }
    list->PopClipRect();
}

int layer_label_at(const GridModel& model, const GridGeometry& geometry, float y) {
    if (model.is_sorted) return -1;
    const auto hit = geometry.hit(geometry.area.x + 1, y);
    return hit && hit->first < model.num_layers ? hit->first : -1;
}

void outline_cell(const GridGeometry& geometry, int row, int col) {
    const LayoutRect cell = geometry.cell(row, col);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({geometry.area.x - 1, geometry.area.y - 1},
                       {geometry.area.right() + 1, geometry.area.bottom() + 1}, true);
    ui::draw_frame(list, {cell.x, cell.y}, {cell.right(), cell.bottom()}, gfx::faded(ui::colors().text, 0.6f),
                   0, 1);
    list->PopClipRect();
}

}  // namespace headlight
