// Cell sizes, scrolling and hit tests of the head grid.
#include "views/grid/grid_geometry.h"

#include <algorithm>
#include <cmath>

namespace headlight {

namespace {
constexpr float kLeastCellDp = 16, kMeanGapDp = 7;
constexpr float kWidest = 1.7f, kTallest = 1.45f;
}  // namespace

float GridGeometry::max_scroll_x() const {
    return std::max(0.0f, content_width - area.width);
}

float GridGeometry::max_scroll_y() const {
    return std::max(0.0f, content_height - area.height);
}

LayoutRect GridGeometry::cell(int row, int col) const {
    const float gap_x = mean_gap > 0 && col == cols - 1 ? mean_gap : 0;
    const float gap_y = mean_gap > 0 && row == rows - 1 ? mean_gap : 0;
    const float left = std::round(area.x - scroll_x + static_cast<float>(col) * cell_width + gap_x);
    const float top = std::round(area.y - scroll_y + static_cast<float>(row) * cell_height + gap_y);
    const float right = std::round(area.x - scroll_x + static_cast<float>(col + 1) * cell_width + gap_x);
    const float bottom = std::round(area.y - scroll_y + static_cast<float>(row + 1) * cell_height + gap_y);
    return {left + inset, top + inset, std::max(1.0f, right - left - 2 * inset),
            std::max(1.0f, bottom - top - 2 * inset)};
}

std::optional<std::pair<int, int>> GridGeometry::hit(float x, float y) const {
    if (x < area.x || y < area.y || x >= area.right() || y >= area.bottom()) return std::nullopt;
    const auto index = [this](float at, float pitch, int count) {
        const int plain = static_cast<int>(std::floor(at / pitch));
        const float mean_start = static_cast<float>(count - 1) * pitch + mean_gap;
        if (mean_gap > 0 && plain >= count - 1)
            return at >= mean_start && at < mean_start + pitch ? count - 1 : -1;
        return plain < count ? plain : -1;
    };
    const int col = index(x - area.x + scroll_x, cell_width, cols);
    const int row = index(y - area.y + scroll_y, cell_height, rows);
    if (col < 0 || row < 0) return std::nullopt;
    return std::pair{row, col};
}

GridGeometry make_grid_geometry(const GridGeometryInput& input) {
    GridGeometry out;
    out.area = input.area;
    out.rows = std::max(1, input.rows);
    out.cols = std::max(1, input.cols);
    out.mean_gap = input.has_means ? std::round(kMeanGapDp * input.scale) : 0;
    const float least = kLeastCellDp * input.scale;
    float width = (input.area.width - out.mean_gap) / static_cast<float>(out.cols);
    float height = (input.area.height - out.mean_gap) / static_cast<float>(out.rows);
    width = std::min(width, std::max(height, least) * kWidest);
    height = std::min(height, std::max(width, least) * kTallest);
    out.cell_width = std::max(width, least) * std::max(1.0f, input.zoom);
    out.cell_height = std::max(height, least) * std::max(1.0f, input.zoom);
    out.inset = std::max(0.5f, std::round(std::min(out.cell_width, out.cell_height) / 28));
    out.content_width = out.cell_width * static_cast<float>(out.cols) + out.mean_gap;
    out.content_height = out.cell_height * static_cast<float>(out.rows) + out.mean_gap;
    out.scroll_x = std::clamp(input.scroll_x, 0.0f, out.max_scroll_x());
    out.scroll_y = std::clamp(input.scroll_y, 0.0f, out.max_scroll_y());
    return out;
}

std::pair<float, float> scroll_for_zoom(const GridGeometry& before, GridGeometryInput after, float x,
                                        float y) {
    const float col = (x - before.area.x + before.scroll_x) / before.cell_width;
    const float row = (y - before.area.y + before.scroll_y) / before.cell_height;
    const GridGeometry fresh = make_grid_geometry(after);
    return {col * fresh.cell_width - (x - before.area.x), row * fresh.cell_height - (y - before.area.y)};
}

}  // namespace headlight
