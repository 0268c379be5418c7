// The mini-map of the heatmap.
#include "views/heatmap/mini_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/heatmap/attention_lines.h"

namespace headlight {
namespace {

constexpr float kSideDp = 60, kGapDp = 12, kLeastBodyDp = 230, kLeastFrameDp = 5;
constexpr double kFirstZoom = 8;  // of a click while the whole is in sight

/// Width and height of the picture: the longer side of the matrix fills the room.
ImVec2 picture_size(const HeatSource& source) {
    const float side = ui::px(kSideDp), rows = static_cast<float>(source.rows()),
                cols = static_cast<float>(source.cols());
    const float least = ui::px(12);
    return {std::round(std::max(least, rows > cols ? side * cols / rows : side)),
            std::round(std::max(least, cols > rows ? side * rows / cols : side))};
}

void draw_frame_of(const HeatmapCamera& camera, const HeatSource& source, ImVec2 min, ImVec2 size) {
    const gfx::CellRect seen = camera.visible();
    const float least = ui::px(kLeastFrameDp);
    const auto span = [least](double first, double count, int total, float begin, float length) {
        const float width = std::max(least, length * static_cast<float>(count / total));
        const float at = length * static_cast<float>(first / total);
        const float left = begin + std::clamp(at, 0.0f, std::max(0.0f, length - width));
        return std::pair(std::round(left), std::round(left + width));
    };
    const auto [x0, x1] = span(seen.col, seen.cols, source.cols(), min.x, size.x);
    const auto [y0, y1] = span(seen.row, seen.rows, source.rows(), min.y, size.y);
    ui::draw_frame(ImGui::GetWindowDrawList(), {x0, y0}, {x1, y1}, ui::colors().text, 0,
                   std::max(1.0f, ui::px(1.5f)));
}

void draw_whole(ViewContext& context, MiniMap& map, const HeatSource& source, ImVec2 min, ImVec2 size,
                const HeatLook& look) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 max{min.x + size.x, min.y + size.y};
    ui::draw_fill(list, min, max, ui::colors().masked);
    if (context.shaders && source.has_matrix()) {
        if (!map.renderer) map.renderer.emplace(*context.shaders);
        gfx::HeatmapRequest request;
        request.width_px = static_cast<int>(size.x);
        request.height_px = static_cast<int>(size.y);
        request.visible =
            source.in_matrix({0, 0, static_cast<double>(source.cols()), static_cast<double>(source.rows())});
        request.scale = look.scale;
        request.colormap_rgb = look.colormap;
        if (look.is_signed) request.pooling = gfx::Pooling::Extreme;
        request.masked = ui::colors().masked;
        request.outside = ui::colors().card;
        if (const auto texture = map.renderer->render(source.matrix(), request))
            ui::draw_texture(list, *texture, min, max, context.freshness());
    }
    ui::draw_frame(list, {min.x - 1, min.y - 1}, {max.x + 1, max.y + 1}, ui::colors().line, 0, 1);
}

}  // namespace

float mini_map_height(const HeatSource& source, const HeatmapCamera& camera, const LayoutRect& body) {
    const bool is_wanted = !camera.is_fitted() || is_long_picture(source.rows(), source.cols());
    if (!is_wanted || source.rows() == 0 || body.height < ui::px(kLeastBodyDp)) return 0;
    return ui::px(kSideDp + kGapDp);
}

void draw_mini_map(ViewContext& context, MiniMap& map, const HeatSource& source, HeatmapCamera& camera,
                   const HeatmapPlot& plot, const LayoutRect& body, const HeatLook& look) {
    if (mini_map_height(source, camera, body) <= 0) return;
    const ImVec2 size = picture_size(source);
    const ImVec2 min{std::round(std::min(plot.cells.right() + ui::px(10), body.right() - size.x)),
                     std::round(body.bottom() - size.y - 2)};
    draw_whole(context, map, source, min, size, look);
    draw_frame_of(camera, source, min, size);
    const auto response = ui::hot_area("##mini_map", min, size);
    const bool is_held = ImGui::IsItemActive();
    if (!response.is_hovered && !is_held) return;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const double row = std::clamp((mouse.y - min.y) / size.y, 0.0f, 1.0f) * source.rows(),
                 col = std::clamp((mouse.x - min.x) / size.x, 0.0f, 1.0f) * source.cols();
    context.shared.next_hover.sentence = fmt::format(
        "the whole matrix, {} × {} tokens; the frame is what is shown: click or drag to go elsewhere",
        source.rows(), source.cols());
    if (!is_held) return;
    if (camera.is_fitted()) camera.zoom_at(0.5, 0.5, kFirstZoom);
    camera.center(row, col);
    ui::request_redraw();
}

}  // namespace headlight
