// What is drawn over the heatmap's picture.
#include "views/heatmap/heatmap_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/lessons/marks.h"
#include "views/notes/note_marks.h"
#include "views/pictures.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

struct PixelSpan {
    float begin = 0, end = 0;
};

PixelSpan clipped(float begin, float end, float lo, float hi) {
    return {std::round(std::clamp(begin, lo, hi)), std::round(std::clamp(end, lo, hi))};
}

PixelSpan row_span(const HeatmapPlot& plot, int row) {
    return clipped(plot.y_of(row), plot.y_of(row + 1), plot.cells.y, plot.cells.bottom());
}

PixelSpan col_span(const HeatmapPlot& plot, int col) {
    return clipped(plot.x_of(col), plot.x_of(col + 1), plot.cells.x, plot.cells.right());
}

/// Percent; of a difference, percentage points with their sign; lengths and effects as they are.
std::string cell_number(float value, const HeatLook& look) {
    if (look.weights == WeightsShown::Effect) return format_signed(value, look.largest < 1 ? 3 : 2);
    if (look.weights == WeightsShown::Value || look.weights == WeightsShown::Norm)
        return fmt::format("{:.2g}", value);
    const int points = static_cast<int>(std::lround(std::abs(value) * 100));
    const char* sign = !look.is_difference ? "" : (value < 0 ? "−" : "+");
    return sign + std::to_string(points);
}

/// The smallest value whose number is written.
float least_number(const HeatLook& look, float width, float height) {
    const bool is_large = width >= ui::px(34) && height >= ui::px(16);
    const bool is_share = look.weights == WeightsShown::Raw || look.weights == WeightsShown::NoSink;
    if (is_share) return is_large ? 0.01f : 0.095f;
    return look.largest * (is_large ? 0.025f : 0.1f);
}

/// “it” (5) to “cat” (1): 62 % before, 3 % after, −59 points
std::string difference_sentence(ViewContext& context, const std::vector<HeadId>& heads, HeatmapCell cell) {
    const auto at = [&](const AttentionTrace& trace) {
        std::vector<float> row;
        mean_attention_row(trace, heads, cell.query, row);
        return row[static_cast<std::size_t>(cell.key)];
    };
    const float before = at(context.snapshot.shown_before()), after = at(context.snapshot.shown_trace());
    const double points = 100.0 * (after - before);
    return fmt::format("{} to {}: {} before, {} after, {}{:.1f} points",
                       quoted_token(context.tokens(), cell.query), quoted_token(context.keys(), cell.key),
                       format_percent(before), format_percent(after), points < 0 ? "−" : "+",
                       std::abs(points));
}

}  // namespace

ui::ItemResponse zoomable_area(const char* id, const HeatmapPlot& plot, HeatmapCamera& camera) {
    const auto response =
        ui::hot_area(id, {plot.cells.x, plot.cells.y}, {plot.cells.width, plot.cells.height});
    const ImGuiIO& io = ImGui::GetIO();
    if (response.is_hovered && io.MouseWheel != 0) {
        camera.zoom_at((io.MousePos.x - plot.cells.x) / plot.cells.width,
                       (io.MousePos.y - plot.cells.y) / plot.cells.height, std::pow(1.18, io.MouseWheel));
        ui::request_redraw();
    }
    return response;
}

HeatmapCell cell_under_pointer(const HeatmapPlot& plot, const HeatmapCamera& camera) {
    const ImVec2 pointer = ImGui::GetIO().MousePos;
    if (!plot.contains(pointer.x, pointer.y)) return {};
    return {camera.row_at((pointer.y - plot.cells.y) / plot.cells.height),
            camera.col_at((pointer.x - plot.cells.x) / plot.cells.width)};
}

void draw_crosshair(const HeatmapPlot& plot, HeatmapCell hovered) {
    if (hovered.query < 0 || hovered.key < 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Rgba wash = gfx::faded(ui::colors().text, 0.10f);
    const PixelSpan rows = row_span(plot, hovered.query), cols = col_span(plot, hovered.key);
    const float least = 1;
    ui::draw_fill(list, {plot.cells.x, rows.begin},
                  {plot.cells.right(), std::max(rows.end, rows.begin + least)}, wash);
    ui::draw_fill(list, {cols.begin, plot.cells.y},
                  {std::max(cols.end, cols.begin + least), plot.cells.bottom()}, wash);
    if (plot.cell_width() < 3 || plot.cell_height() < 3) return;
    ui::draw_frame(list, {cols.begin, rows.begin}, {cols.end, rows.end}, gfx::faded(ui::colors().text, 0.7f),
                   0, 1);
}

void draw_chosen(const HeatmapPlot& plot, HeatmapCell chosen) {
    if (chosen.query < 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    PixelSpan rows = row_span(plot, chosen.query);
    if (plot.y_of(chosen.query + 1) <= plot.cells.y || plot.y_of(chosen.query) >= plot.cells.bottom()) return;
    const float line = std::max(1.0f, std::round(ui::px(1.5f)));
    const bool is_thin = plot.cell_height() < ui::px(8);  // then the frame stands around the row, not over it
    rows = {rows.begin - (is_thin ? line : 0), std::max(rows.end, rows.begin + 1) + (is_thin ? line : 0)};
    const float left = plot.cells.x - (is_thin ? line : 0), right = plot.cells.right() + (is_thin ? line : 0);
    ui::draw_frame(list, {left, rows.begin}, {right, rows.end}, ui::colors().accent, 0, line);
    if (chosen.key < 0) return;
    PixelSpan cols = col_span(plot, chosen.key);
    cols = {cols.begin - (is_thin ? line : 0), std::max(cols.end, cols.begin + 1) + (is_thin ? line : 0)};
    ui::draw_frame(list, {cols.begin, rows.begin}, {cols.end, rows.end}, ui::colors().accent, 0,
                   is_thin ? line : 2 * line);
}

void draw_pointed_cell(const HeatmapPlot& plot, HeatmapCell cell) {
    const PixelSpan rows = row_span(plot, cell.query), cols = col_span(plot, cell.key);
    const bool is_seen = rows.begin >= plot.cells.y - 1 && rows.end <= plot.cells.bottom() + 1 &&
                         cols.begin >= plot.cells.x - 1 && cols.end <= plot.cells.right() + 1;
    if (is_seen) draw_lesson_ring({cols.begin, rows.begin}, {cols.end, rows.end});
}

void draw_cell_numbers(const ViewContext& context, const HeatSource& source, const HeatmapPlot& plot,
                       const HeatLook& look) {
    ImFont* font = ui::kit().fonts.tiny;
    const float width = plot.cell_width(), height = plot.cell_height();
    const bool is_wide = look.weights != WeightsShown::Raw && look.weights != WeightsShown::NoSink;
    if (!source.is_exact() || width < ui::px(is_wide ? 30.0f : 19.0f) || height < font->FontSize + 1) return;
    const float least = least_number(look, width, height);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({plot.cells.x, plot.cells.y}, {plot.cells.right(), plot.cells.bottom()}, true);
    const int last_row =
        std::min(source.rows(), static_cast<int>(std::ceil(plot.visible.row + plot.visible.rows)));
    const int last_col =
        std::min(source.cols(), static_cast<int>(std::ceil(plot.visible.col + plot.visible.cols)));
    for (int row = std::max(0, static_cast<int>(plot.visible.row)); row < last_row; ++row) {
        for (int col = std::max(0, static_cast<int>(plot.visible.col)); col < last_col; ++col) {
            const float value = source.value(row, col).value_or(0);
            if (std::abs(value) < least || source.is_masked(row, col)) continue;
            const std::string number = cell_number(value, look);
            const ui::Rgba ink = ink_on(gfx::color_of_value(value, look.scale, look.colormap), ui::colors());
            const float x = plot.x_of(col + 0.5) - ui::tabular_width(font, number) / 2;
            ui::draw_tabular(list, font,
                             {std::round(x), std::round(plot.y_of(row + 0.5) - font->FontSize / 2)},
                             ui::to_u32(ink, context.freshness()), number);
        }
    }
    list->PopClipRect();
}

void draw_badge(const HeatmapPlot& plot, const std::string& text) {
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 size = font->CalcTextSizeA(font->FontSize, 10000, 0, text.c_str());
    const ImVec2 max{plot.cells.right() - ui::px(8), plot.cells.y + ui::px(8) + size.y + ui::px(6)};
    const ImVec2 min{max.x - size.x - ui::px(14), plot.cells.y + ui::px(8)};
    ui::draw_fill(list, min, max, ui::colors().popup, ui::px(5));
    ui::draw_frame(list, min, max, ui::colors().line, ui::px(5), 1);
    list->AddText(font, font->FontSize, {min.x + ui::px(7), min.y + ui::px(3)}, ui::to_u32(ui::colors().dim),
                  text.c_str());
}

void say_cell(ViewContext& context, const HeatSource& source, const std::vector<HeadId>& heads,
              HeatmapCell cell) {
    if (cell.query < 0 || cell.key < 0) return;
    Hover& hover = context.shared.next_hover;
    hover.token = cell.query;
    hover.key = context.has_one_text() ? -1 : cell.key;
    if (source.is_masked(cell.query, cell.key)) {
        hover.sentence = masked_sentence(context.pair(cell.query, cell.key),
                                         mask_reason(context.trace(), heads, cell.query, cell.key));
        ui::tooltip(hover.sentence, {}, true);
        return;
    }
    if (source.is_difference()) {
        hover.sentence = difference_sentence(context, heads, cell);
        ui::tooltip(hover.sentence, {}, true);
        return;
    }
    if (heads.size() == 1) {
        hover.sentence = rest_sentence(context, heads[0], cell.query, cell.key);
        if (!hover.sentence.empty()) return ui::tooltip(hover.sentence, {}, true);
    }
    std::optional<float> weight = source.value(cell.query, cell.key);
    if (!weight) {
        const auto row = context.shared.lines.row(context.snapshot, heads, cell.query);
        if (cell.key < static_cast<int>(row.size())) weight = row[static_cast<std::size_t>(cell.key)];
    }
    if (!weight) return;
    hover.sentence = cell_sentence(context, heads, cell.query, cell.key, *weight);
    if (const std::string note = cell_note_words(context, heads, cell.query, cell.key); !note.empty())
        hover.sentence += " · " + note;
    if (source.weights() == WeightsShown::Raw && context.trace().info().has_sink) {
        const auto row = context.shared.lines.row(context.snapshot, heads, cell.query);
        hover.sentence += " · " + sink_words(sink_share(context.trace(), row));
    }
    ui::tooltip(hover.sentence, {}, true);
}

}  // namespace headlight
