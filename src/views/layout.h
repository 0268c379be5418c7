// Where the cards stand, from the window's size alone. Pure; in pixels.
#pragma once

#include <string>
#include <vector>

namespace headlight {

struct LayoutRect {
    float x = 0, y = 0, width = 0, height = 0;
    float right() const { return x + width; }
    float bottom() const { return y + height; }
    bool operator==(const LayoutRect&) const = default;
};

/// Which column a view stands in; Bottom is the status line.
enum class ViewColumn { Left, Middle, Right, Bottom };

/// How much height a view wants of its column.
struct HeightWish {
    float preferred_dp = 0;  // 0: whatever is left
    float minimum_dp = 80;
};

/// A view to place, in the order of its column.
struct ViewPlace {
    std::string id;
    ViewColumn column = ViewColumn::Middle;
    HeightWish height;
};

/// What the layout depends on beside the views.
struct LayoutInput {
    float width_px = 1600, height_px = 900;
    float scale = 1;  // pixels per dp
    int num_layers = 12, num_heads = 12;
    float left_share = 0;  // of the width, set by the splitter; 0: automatic
    float right_share = 0;
    bool wants_heatmap_alone = false;  // both side columns are hidden
};

struct PlacedView {
    std::string id;
    LayoutRect rect;
};

struct WindowLayout {
    LayoutRect header, status;
    LayoutRect left, middle, right;  // columns; width 0 when hidden
    std::vector<PlacedView> views;   // when folded, those of the right column share one rectangle
    bool folds_right = false;        // the right column shows one view at a time, as tabs
    const LayoutRect* find(const std::string& id) const;
};

/// Height of the columns in a window of that height, dp.
float column_height(float window_height_dp);

/// Below 1440 × 820 dp the right column folds into tabs; above 1600 dp of width the head grid takes two
/// thirds of what is gained.
WindowLayout compute_layout(const LayoutInput& input, const std::vector<ViewPlace>& views);

}  // namespace headlight
