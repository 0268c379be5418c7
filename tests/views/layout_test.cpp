#include "views/layout.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace headlight;

namespace {

std::vector<ViewPlace> sample_places() {
    return {{"grid", ViewColumn::Left, {0, 160}},       {"text", ViewColumn::Middle, {118, 84}},
            {"heat", ViewColumn::Middle, {0, 220}},     {"flow", ViewColumn::Middle, {196, 130}},
            {"metrics", ViewColumn::Right, {280, 150}}, {"tags", ViewColumn::Right, {260, 120}},
            {"top", ViewColumn::Right, {0, 150}},       {"status", ViewColumn::Bottom, {28, 28}}};
}

WindowLayout layout_at(float width, float height, float scale = 1) {
    LayoutInput input;
    input.width_px = width;
    input.height_px = height;
    input.scale = scale;
    input.num_layers = 30;
    input.num_heads = 9;
    input.fold = window_fold(width / scale, height / scale);
    return compute_layout(input, sample_places());
}

/// Cards lie inside the window, under the header, over the status line, and do not overlap (tabs share a
/// place).
void check_cards(const WindowLayout& layout, float width, float scale) {
    for (const PlacedView& view : layout.views) {
        CAPTURE(view.id);
        CHECK(view.rect.x >= 0);
        CHECK(view.rect.right() <= width);
        CHECK(view.rect.width > 0);
        CHECK(view.rect.height > 0);
        if (view.id == "status") continue;
        CHECK(view.rect.y >= layout.header.bottom());
        CHECK(view.rect.bottom() <= layout.status.y);
        for (const PlacedView& other : layout.views) {
            if (&other == &view || other.id == "status" || other.rect == view.rect) continue;
            const bool apart = view.rect.right() + 4 * scale <= other.rect.x ||
                               other.rect.right() + 4 * scale <= view.rect.x ||
                               view.rect.bottom() + 4 * scale <= other.rect.y ||
                               other.rect.bottom() + 4 * scale <= view.rect.y;
            CHECK_MESSAGE(apart, view.id, " meets ", other.id);
        }
    }
}

}  // namespace

TEST_CASE("layout: 1600 x 900 has three columns as drawn") {
    const WindowLayout layout = layout_at(1600, 900);
    check_cards(layout, 1600, 1);
    CHECK(layout.header == LayoutRect{0, 0, 1600, 40});
    CHECK(layout.status == LayoutRect{0, 872, 1600, 28});
    CHECK(layout.left.x == 8);
    CHECK(layout.right.width == 348);
    CHECK(layout.right.right() == 1592);
    CHECK(layout.middle.x == layout.left.right() + 8);
    CHECK(layout.find("text")->height == 118);
    CHECK(layout.find("flow")->height == 196);
    CHECK(layout.find("heat")->height == 900 - 40 - 28 - 16 - 118 - 196 - 16);
    CHECK(layout.find("nothing") == nullptr);
}

TEST_CASE("layout: what folds at which size") {
    CHECK(window_fold(1600, 900) == WindowFold::None);
    CHECK(window_fold(1440, 820) == WindowFold::None);
    CHECK(window_fold(1280, 800) == WindowFold::Right);
    CHECK(window_fold(1600, 800) == WindowFold::Right);
    CHECK(window_fold(999, 800) == WindowFold::Sides);
    CHECK(window_fold(719, 800) == WindowFold::OneColumn);
    CHECK(window_fold(1600, 479) == WindowFold::OneColumn);
    CHECK(least_height({}) == 0);
    CHECK(least_height({{0, 100}, {200, 50}}) == 158);
}

TEST_CASE("layout: columns without views are left out; one column has a row of tabs") {
    LayoutInput input;
    input.width_px = 640;
    input.height_px = 400;
    input.fold = WindowFold::OneColumn;
    const std::vector<ViewPlace> places = {{"heat", ViewColumn::Middle, {0, 220}},
                                           {"status", ViewColumn::Bottom, {28, 28}}};
    const WindowLayout one = compute_layout(input, places);
    check_cards(one, 640, 1);
    CHECK(one.left.width == 0);
    CHECK(one.right.width == 0);
    CHECK(one.pages == LayoutRect{8, 48, 624, 30});
    CHECK(*one.find("heat") == LayoutRect{8, 86, 624, 400 - 28 - 8 - 86});
    input.fold = WindowFold::Sides;
    CHECK(compute_layout(input, places).pages.height == 0);
}

TEST_CASE("layout: at 1280 x 800 the middle keeps its width") {
    const WindowLayout layout = layout_at(1280, 800);
    check_cards(layout, 1280, 1);
    CHECK(layout.middle.width > 560);
}

TEST_CASE("layout: at 2560 x 1440 the grid grows, text columns do not") {
    const WindowLayout small = layout_at(1600, 900), large = layout_at(2560, 1440);
    check_cards(large, 2560, 1);
    CHECK(large.left.width > small.left.width * 1.5f);
    CHECK(large.right.width == small.right.width);
    CHECK(large.find("text")->height == small.find("text")->height);
}

TEST_CASE("layout: twice the scale in twice the pixels is the same layout") {
    const WindowLayout one = layout_at(1600, 900), two = layout_at(3200, 1800, 2);
    check_cards(two, 3200, 2);
    REQUIRE(one.views.size() == two.views.size());
    for (std::size_t i = 0; i < one.views.size(); ++i) {
        CHECK(two.views[i].rect.x == doctest::Approx(2 * one.views[i].rect.x).epsilon(0.01));
        CHECK(two.views[i].rect.width == doctest::Approx(2 * one.views[i].rect.width).epsilon(0.01));
    }
}

TEST_CASE("layout: tiny windows and dragged splitters still give every card a place") {
    check_cards(layout_at(640, 400), 640, 1);
    LayoutInput input;
    input.left_share = 0.6f;
    input.right_share = 0.4f;
    const WindowLayout layout = compute_layout(input, sample_places());
    check_cards(layout, 1600, 1);
    CHECK(layout.middle.width >= 350);
}
