// Cell sizes, scrolling and hit tests of the head grid. Pure; in pixels.
#pragma once

#include <optional>
#include <utility>

#include "views/layout.h"

namespace headlight {

struct GridGeometryInput {
    LayoutRect area;         // thumbnails, without labels
    int rows = 1, cols = 1;  // with the mean row and column, if there are any
    bool has_means = true;   // the last row and column stand apart by a gap
    float scale = 1;
    float zoom = 1;  // 1: fills the area
    float scroll_x = 0, scroll_y = 0;
};

struct GridGeometry {
    LayoutRect area;
    int rows = 1, cols = 1;
    float cell_width = 1, cell_height = 1;  // pitch; a pixel or two of it is the gap between thumbnails
    float mean_gap = 0;
    float content_width = 0, content_height = 0;
    float scroll_x = 0, scroll_y = 0;  // clamped
    float inset = 1;                   // of a thumbnail in its pitch, on each side

    /// Thumbnail of a cell on screen, scrolled; may lie outside `area`.
    LayoutRect cell(int row, int col) const;
    /// Row and column under a point inside `area`.
    std::optional<std::pair<int, int>> hit(float x, float y) const;
    float max_scroll_x() const;
    /// Of the area, what thumbnails fill.
    float used_height() const { return content_height < area.height ? content_height : area.height; }
    float max_scroll_y() const;
};

/// Thumbnails are between 0.7 and 1.7 times as wide as high and never under 16 dp: what does not fit scrolls.
GridGeometry make_grid_geometry(const GridGeometryInput& input);

/// Scroll that keeps the cell under (x, y) where it is while the zoom changes.
std::pair<float, float> scroll_for_zoom(const GridGeometry& before, GridGeometryInput after, float x,
                                        float y);

}  // namespace headlight
