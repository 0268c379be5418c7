// Where the cards stand.
#include "views/layout.h"

#include <algorithm>
#include <cmath>

namespace headlight {

namespace {

constexpr float kGap = 8, kHeader = 40, kStatus = 28, kPages = 38;
constexpr float kFoldWidth = 1440, kFoldHeight = 820;
constexpr float kSidesWidth = 1000, kColumnWidth = 720, kColumnHeight = 480;

struct Columns {
    float left = 0, middle = 0, right = 0;  // widths, dp
};

/// Thumbnails are about as wide as they are tall, so few heads need less width than many.
float automatic_left(float width, float height, int num_layers, int num_heads) {
    const float base = std::clamp(width * 0.233f, 250.0f, 372.0f);
    // Many heads at their least width: rather a wider column than one that scrolls sideways.
    const float least = 76 + 16.5f * static_cast<float>(num_heads + 1);
    // Few layers leave height over: wider thumbnails fill the card better.
    const bool is_short = num_layers <= 8;
    const float widest = base + std::max(0.0f, width - 1600) * 0.55f + (is_short ? width * 0.055f : 0);
    const float grown = std::max(widest, std::min(least, width * 0.31f));
    const float cell = (height - kHeader - kStatus - 120) / static_cast<float>(std::max(1, num_layers + 1));
    const float useful = 60 + std::clamp(cell * 1.5f, 30.0f, 110.0f) * static_cast<float>(num_heads + 1);
    return std::clamp(useful, std::min(base, 300.0f), grown);
}

struct ColumnsThere {
    bool left = false, right = false;
};

Columns column_widths(const LayoutInput& input, float width, float height, ColumnsThere there) {
    Columns out;
    if (!input.wants_middle_alone) {
        const bool folds = input.fold != WindowFold::None;
        const float right = folds ? std::clamp(width * 0.235f, 260.0f, 330.0f) : 348;
        const float left = automatic_left(width, height, input.num_layers, input.num_heads);
        out.left = input.left_share > 0 ? std::clamp(input.left_share * width, 180.0f, width * 0.6f) : left;
        out.right =
            input.right_share > 0 ? std::clamp(input.right_share * width, 220.0f, width * 0.4f) : right;
        if (!there.left) out.left = 0;
        if (!there.right) out.right = 0;
    }
    const int num_gaps = 2 + (out.left > 0 ? 1 : 0) + (out.right > 0 ? 1 : 0);
    const float gaps = kGap * static_cast<float>(num_gaps);
    const float least_middle = std::min(360.0f, width * 0.4f);
    const float over = out.left + out.right + least_middle + gaps - width;
    if (over > 0) {
        const float sides = std::max(1.0f, out.left + out.right);
        out.left -= over * out.left / sides;
        out.right -= over * out.right / sides;
    }
    out.middle = width - out.left - out.right - gaps;
    return out;
}

/// Heights of one column: wishes first; then what is missing is taken in proportion to what lies over the
/// minimum.
std::vector<float> stack_heights(const std::vector<HeightWish>& wishes, float available) {
    std::vector<float> out;
    float wanted = 0, slack = 0;
    int num_growing = 0;
    for (const HeightWish& wish : wishes) {
        const float height =
            wish.preferred_dp > 0 ? std::max(wish.preferred_dp, wish.minimum_dp) : wish.minimum_dp;
        out.push_back(height);
        wanted += height;
        slack += height - wish.minimum_dp;
        num_growing += wish.preferred_dp == 0 ? 1 : 0;
    }
    const float rest = available - wanted;
    if (rest < -slack) {  // not even the least heights fit: all shrink alike
        float least = 0;
        for (const HeightWish& wish : wishes)
            least += wish.minimum_dp;
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = wishes[i].minimum_dp * std::max(0.0f, available) / least;
        return out;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool grows = wishes[i].preferred_dp == 0;
        if (rest >= 0 && num_growing > 0) out[i] += grows ? rest / static_cast<float>(num_growing) : 0;
        if (rest >= 0 && num_growing == 0 && i + 1 == out.size()) out[i] += rest;
        if (rest < 0 && slack > 0) out[i] += std::max(-1.0f, rest / slack) * (out[i] - wishes[i].minimum_dp);
    }
    return out;
}

LayoutRect scaled(float x, float y, float width, float height, float scale) {
    const auto px = [scale](float dp) { return std::round(dp * scale); };
    return {px(x), px(y), px(x + width) - px(x), px(y + height) - px(y)};
}

}  // namespace

const LayoutRect* WindowLayout::find(const std::string& id) const {
    for (const PlacedView& view : views) {
        if (view.id == id) return &view.rect;
    }
    return nullptr;
}

WindowFold window_fold(float width_dp, float height_dp) {
    if (width_dp < kColumnWidth || height_dp < kColumnHeight) return WindowFold::OneColumn;
    if (width_dp < kSidesWidth) return WindowFold::Sides;
    return width_dp < kFoldWidth || height_dp < kFoldHeight ? WindowFold::Right : WindowFold::None;
}

DockPlace dock_place(float width_dp, float height_dp) {
    const float width = std::clamp(width_dp * 0.25f, 360.0f, 520.0f) + kGap;
    const float height = std::clamp(height_dp * 0.29f, 232.0f, 300.0f) + kGap;
    if (height_dp >= kColumnHeight && width_dp - width >= kSidesWidth) return {DockSide::Right, width, 0};
    if (width_dp >= kColumnWidth && height_dp - height >= kColumnHeight) return {DockSide::Bottom, 0, height};
    if (height_dp >= kColumnHeight && width_dp - width >= kColumnWidth) return {DockSide::Right, width, 0};
    return {};
}

float column_height(float window_height_dp, WindowFold fold) {
    const float pages = fold == WindowFold::OneColumn ? kPages : 0;
    return window_height_dp - kHeader - kStatus - 2 * kGap - pages;
}

float least_height(const std::vector<HeightWish>& wishes) {
    float least = wishes.empty() ? 0 : -kGap;
    for (const HeightWish& wish : wishes)
        least += wish.minimum_dp + kGap;
    return least;
}

WindowLayout compute_layout(const LayoutInput& input, const std::vector<ViewPlace>& views) {
    const float scale = std::max(0.25f, input.scale);
    const float width = std::max(320.0f, input.width_px / scale),
                height = std::max(240.0f, input.height_px / scale);
    WindowLayout out;
    const auto has = [&](ViewColumn column) {
        return std::any_of(views.begin(), views.end(),
                           [column](const ViewPlace& view) { return view.column == column; });
    };
    const float columns_width = width - input.dock_width, columns_height = height - input.dock_height;
    const Columns columns =
        column_widths(input, columns_width, columns_height, {has(ViewColumn::Left), has(ViewColumn::Right)});
    const float body = column_height(columns_height, input.fold),
                top = columns_height - kStatus - kGap - body;
    out.header = scaled(0, 0, width, kHeader, scale);
    out.status = scaled(0, height - kStatus, width, kStatus, scale);
    if (input.fold == WindowFold::OneColumn)
        out.pages = scaled(kGap, kHeader + kGap, columns_width - 2 * kGap, kPages - kGap, scale);
    if (input.dock_width > 0) {
        const float dock_top = kHeader + kGap;
        out.dock = scaled(columns_width, dock_top, input.dock_width - kGap,
                          columns_height - kStatus - kGap - dock_top, scale);
    } else if (input.dock_height > 0) {
        out.dock = scaled(kGap, columns_height - kStatus, width - 2 * kGap, input.dock_height - kGap, scale);
    }
    float x = kGap;
    const auto place_column = [&](ViewColumn column, float column_width, LayoutRect& rect) {
        if (column_width <= 0) return;
        rect = scaled(x, top, column_width, body, scale);
        std::vector<HeightWish> wishes;
        std::vector<const ViewPlace*> members;
        for (const ViewPlace& view : views) {
            if (view.column != column) continue;
            wishes.push_back(view.height);
            members.push_back(&view);
        }
        const float gaps = kGap * static_cast<float>(std::max<std::size_t>(1, members.size()) - 1);
        const std::vector<float> heights = stack_heights(wishes, body - gaps);
        float y = top;
        for (std::size_t i = 0; i < members.size(); ++i) {
            out.views.push_back({members[i]->id, scaled(x, y, column_width, heights[i], scale)});
            y += heights[i] + kGap;
        }
        x += column_width + kGap;
    };
    place_column(ViewColumn::Left, columns.left, out.left);
    place_column(ViewColumn::Middle, columns.middle, out.middle);
    place_column(ViewColumn::Right, columns.right, out.right);
    for (const ViewPlace& view : views) {
        if (view.column == ViewColumn::Bottom) out.views.push_back({view.id, out.status});
    }
    return out;
}

}  // namespace headlight
