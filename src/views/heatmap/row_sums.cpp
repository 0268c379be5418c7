// Beside and over the rows of the heatmap: sums, what was taken out, rows that rest.
#include "views/heatmap/row_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/pictures.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr float kColumnDp = 118, kNumberDp = 44;

struct ShownRows {
    int begin = 0, end = 0;
};

ShownRows shown_rows(const HeatSource& source, const HeatmapPlot& plot) {
    return {std::max(0, static_cast<int>(plot.visible.row)),
            std::min(source.rows(), static_cast<int>(std::ceil(plot.visible.row + plot.visible.rows)))};
}

}  // namespace

void draw_hatch(ImDrawList* list, ImVec2 min, ImVec2 max, ui::Rgba color) {
    const float step = ui::px(6);
    const ImU32 ink = ui::to_u32(color);
    for (float sum = std::ceil((min.x + min.y) / step) * step; sum < max.x + max.y; sum += step) {
        const float x0 = std::max(min.x, sum - max.y), x1 = std::min(max.x, sum - min.y);
        if (x1 > x0) list->AddLine({x0, sum - x0}, {x1, sum - x1}, ink, 1);
    }
}

float row_sums_width(const HeatSource& source) {
    return source.row_sums().empty() ? 0 : kColumnDp;
}

void draw_row_sums(ViewContext& context, const HeatSource& source, const HeatmapPlot& plot, int chosen) {
    const std::vector<float>& sums = source.row_sums();
    if (sums.empty()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::Colors& colors = ui::colors();
    const bool is_effect = source.weights() == WeightsShown::Effect;
    const float left = plot.cells.right() + ui::px(14), right = left + ui::px(kColumnDp - 22);
    const float bar_right = right - ui::px(kNumberDp), width = bar_right - left;
    const float zero = is_effect ? (left + bar_right) / 2 : left;
    float largest = is_effect ? 1e-9f : 1;
    for (const float sum : sums)
        if (is_effect) largest = std::max(largest, std::abs(sum));
    list->AddText(font, font->FontSize, {left, plot.cells.y - font->FontSize - ui::px(6)},
                  ui::to_u32(colors.dim), is_effect ? "row sum" : "taken out");
    const auto map = difference_colormap(ui::kit().theme, 1);
    const auto ink = [&](float sum) {
        const float place = sum < 0 ? 0.14f : 0.86f;
        const auto at = static_cast<std::size_t>(place * static_cast<float>(map.size() / 3 - 1)) * 3;
        return is_effect ? ui::Rgba{map[at], map[at + 1], map[at + 2], 255} : colors.dim;
    };
    ui::draw_vline(list, zero, plot.cells.y, plot.cells.bottom(), colors.line);
    const ShownRows rows = shown_rows(source, plot);
    const int step = axis_step(plot.cell_height(), ui::px(12));
    for (int row = rows.begin; row < rows.end; ++row) {
        const float sum = sums[static_cast<std::size_t>(row)], middle = plot.y_of(row + 0.5);
        if (middle < plot.cells.y || middle > plot.cells.bottom()) continue;
        const float reach = (is_effect ? width / 2 : width) * sum / largest,
                    half = std::clamp(plot.cell_height() / 2 - 1, 0.5f, ui::px(3));
        ui::draw_fill(list, {std::min(zero, zero + reach), middle - half},
                      {std::max(zero, zero + reach), middle + half}, ink(sum), ui::px(1));
        if (row != chosen && (row % step != 0 || std::abs(row - chosen) < step)) continue;
        const std::string number = is_effect ? format_signed(sum) : format_percent(sum);
        ui::draw_tabular_right(list, font, {right, middle - font->FontSize / 2},
                               ui::to_u32(row == chosen ? colors.accent : colors.dim), number);
    }
    const auto response = ui::hot_area("##row_sums", {left, plot.cells.y}, {right - left, plot.cells.height});
    if (!response.is_hovered) return;
    const int row =
        static_cast<int>(plot.visible.row + (ImGui::GetIO().MousePos.y - plot.cells.y) / plot.cell_height());
    if (row < 0 || row >= source.rows()) return;
    const std::string from = quoted_token(context.tokens(), row);
    const float sum = sums[static_cast<std::size_t>(row)];
    context.shared.next_hover.sentence =
        is_effect ? fmt::format(
                        "{}: the row's cells sum to {} logits, the head's direct effect there; {} of "
                        "their sizes is kept",
                        from, format_signed(sum, 4), format_percent(source.row_kept(row)))
                  : fmt::format("{}: {} of the row is on the keys taken out", from, format_percent(sum));
    context.shared.next_hover.token = row;
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
}

void draw_rest_hatch(const HeatSource& source, const HeatmapPlot& plot) {
    if (source.weights() != WeightsShown::NoSink) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Rgba color = gfx::faded(ui::colors().dim, 0.45f);
    list->PushClipRect({plot.cells.x, plot.cells.y}, {plot.cells.right(), plot.cells.bottom()}, true);
    const ShownRows rows = shown_rows(source, plot);
    const bool is_thin = plot.cell_height() < ui::px(5);
    const auto mark = [&](int row, int begin, int end) {
        const ImVec2 min{std::max(plot.cells.x, plot.x_of(begin)), plot.y_of(row)},
            max{std::min(plot.cells.right(), plot.x_of(end)), plot.y_of(row + 1)};
        if (max.x <= min.x) return;
        if (is_thin) return ui::draw_fill(list, min, max, gfx::faded(ui::colors().dim, 0.22f));
        draw_hatch(list, min, max, color);
    };
    for (int row = rows.begin; row < rows.end; ++row) {
        const auto range = source.range(row);
        if (source.rests(row)) {
            mark(row, range.begin, range.end);
            continue;
        }
        for (const int key : source.sink_keys())
            if (key >= range.begin && key < range.end) mark(row, key, key + 1);
    }
    list->PopClipRect();
}

}  // namespace headlight
