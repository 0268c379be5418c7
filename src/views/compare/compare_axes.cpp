#include "views/compare/compare_axes.h"

#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/tokens/fitted_label.h"

namespace headlight {
namespace {

constexpr float kLabelAngle = 0.96f;  // 55 degrees, as in the heatmap

ui::ShapedStyle compared_label_style() {
    return {11.5f, gfx::TextWeight::Regular};
}

ui::Rgba compared_label_color(int index, int chosen, const std::vector<int>& partners) {
    if (index == chosen) return ui::colors().accent;
    return partners[static_cast<std::size_t>(index)] < 0 ? ui::colors().text : ui::colors().dim;
}

}  // namespace

void draw_compared_rows(const TokenizedText& tokens, const std::vector<int>& partners, int chosen,
                        const LayoutRect& cells) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const int rows = static_cast<int>(tokens.tokens.size());
    const float height = cells.height / static_cast<float>(rows);
    const int step = axis_step(height, ui::px(12));
    for (int row = 0; row < rows; ++row) {
        if (row % step != 0 && row != chosen) continue;
        const float middle = cells.y + (static_cast<float>(row) + 0.5f) * height;
        const ui::Rgba color = compared_label_color(row, chosen, partners);
        ui::draw_tabular_right(list, font, {cells.x - ui::px(6), middle - font->FontSize / 2},
                               ui::to_u32(color), std::to_string(row));
        const std::string label = fitted_label(tokens, row, ui::px(84), compared_label_style());
        const gfx::TextExtents extents = ui::measure_shaped(label, compared_label_style());
        ui::draw_shaped_right(list, {cells.x - ui::px(26), middle - extents.height() / 2}, label, color,
                              compared_label_style());
    }
}

void draw_compared_columns(const TokenizedText& tokens, const std::vector<int>& partners, int chosen,
                           const LayoutRect& cells) {
    const int cols = static_cast<int>(tokens.tokens.size());
    const float width = cells.width / static_cast<float>(cols);
    const int step = axis_step(width, ui::px(13));
    for (int col = 0; col < cols; ++col) {
        if (col % step != 0 && col != chosen) continue;
        const std::string label = fitted_label(tokens, col, ui::px(70), compared_label_style());
        const gfx::TextExtents extents = ui::measure_shaped(label, compared_label_style());
        ui::draw_shaped_rotated(
            ImGui::GetWindowDrawList(),
            {cells.x + (static_cast<float>(col) + 0.5f) * width + extents.ascent * 0.3f, cells.y - ui::px(5)},
            kLabelAngle, label, compared_label_color(col, chosen, partners), compared_label_style());
    }
}

}  // namespace headlight
