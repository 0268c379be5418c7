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

/// What gives way while a window gets smaller: the right column shows one card at a time, as tabs; the left
/// column becomes tabs of the right one; one column with a tab for each part is left.
enum class WindowFold { None, Right, Sides, OneColumn };

/// Where a lesson stands: beside the columns, under them, or as a tab of one column.
enum class DockSide { Right, Bottom, Page };
struct DockPlace {
    DockSide side = DockSide::Page;
    float width_dp = 0, height_dp = 0;  // what the columns lose, the gap included
};
/// The columns keep the room of WindowFold::Right if any side leaves it to them, else that of Sides.
DockPlace dock_place(float width_dp, float height_dp);

/// None from 1440 × 820 dp on; OneColumn below 720 wide or 480 high.
WindowFold window_fold(float width_dp, float height_dp);

/// What the layout depends on beside the views.
struct LayoutInput {
    float width_px = 1600, height_px = 900;
    float scale = 1;  // pixels per dp
    int num_layers = 12, num_heads = 12;
    float left_share = 0;  // of the width, set by the splitter; 0: automatic
    float right_share = 0;
    WindowFold fold = WindowFold::None;
    bool wants_middle_alone = false;  // both side columns are hidden
    // Beside the columns, for what goes with every workspace (a lesson); 0: none. Not both.
    float dock_width = 0, dock_height = 0;  // dp, at the right end; above the status line
};

struct PlacedView {
    std::string id;
    LayoutRect rect;
};

struct WindowLayout {
    LayoutRect header, status;
    LayoutRect dock;                 // height 0 where there is none
    LayoutRect pages;                // the row of tabs over one column; height 0 otherwise
    LayoutRect left, middle, right;  // columns; width 0 when hidden
    std::vector<PlacedView> views;
    const LayoutRect* find(const std::string& id) const;
};

/// Height of the columns in a window of that height, dp.
float column_height(float window_height_dp, WindowFold fold = WindowFold::None);
/// The least height that cards one over another need, dp.
float least_height(const std::vector<HeightWish>& wishes);

/// Columns without views are left out. Above 1600 dp of width the head grid takes two thirds of what is
/// gained.
WindowLayout compute_layout(const LayoutInput& input, const std::vector<ViewPlace>& views);

}  // namespace headlight
