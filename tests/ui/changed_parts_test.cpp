// What is painted again: nothing of a frame that looks the same, all that differs where it was and where it
// is.
#include "ui/paint/changed_parts.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "ui_harness.h"

using namespace headlight;
using ui::ChangedParts;

namespace {

bool covers(const std::vector<gfx::SurfacePart>& parts, int x, int y) {
    return std::any_of(parts.begin(), parts.end(), [&](const gfx::SurfacePart& part) {
        return x >= part.x && x < part.x + part.width && y >= part.y && y < part.y + part.height;
    });
}

long long pixels_of(const std::vector<gfx::SurfacePart>& parts) {
    long long count = 0;
    for (const gfx::SurfacePart& part : parts)
        count += static_cast<long long>(part.width) * part.height;
    return count;
}

/// A window of two squares, one of which moves or changes.
struct Squares {
    test::UiHarness harness{800, 600};
    ChangedParts changes;
    ImVec2 moving{100, 100};
    ImU32 color = IM_COL32(200, 0, 0, 255);
    bool is_first_on_top = false;

    Squares() {
        harness.draw = [this] {
            ImDrawList* list = ImGui::GetBackgroundDrawList();
            const auto first = [&] { list->AddRectFilled({400, 300}, {500, 400}, IM_COL32(0, 0, 200, 255)); };
            if (!is_first_on_top) first();
            list->AddRectFilled(moving, {moving.x + 50, moving.y + 50}, color);
            if (is_first_on_top) first();
        };
    }
    const std::vector<gfx::SurfacePart>& next() {
        harness.frames();
        return changes.find(*ImGui::GetDrawData());
    }
};

}  // namespace

TEST_CASE("changed parts: all of the first frame, nothing of one that looks the same") {
    Squares squares;
    CHECK(squares.next() == std::vector<gfx::SurfacePart>{{0, 0, 800, 600}});
    CHECK(squares.next().empty());
    squares.changes.forget();
    CHECK(squares.next().size() == 1);
    CHECK(squares.next().empty());
}

TEST_CASE("changed parts: what moved is painted where it was and where it is, and little else") {
    Squares squares;
    squares.next();
    squares.moving = {600, 500};
    const auto parts = squares.next();
    CHECK(covers(parts, 101, 101));
    CHECK(covers(parts, 149, 149));
    CHECK(covers(parts, 601, 501));
    CHECK(covers(parts, 649, 549));
    CHECK_FALSE(covers(parts, 450, 350));
    CHECK(pixels_of(parts) <= 2 * 128 * 128);
    CHECK(squares.next().empty());
}

TEST_CASE("changed parts: colour and order count") {
    Squares squares;
    squares.moving = {450, 350};
    squares.next();
    squares.color = IM_COL32(200, 0, 1, 255);
    CHECK(covers(squares.next(), 460, 360));
    squares.is_first_on_top = true;
    CHECK(covers(squares.next(), 460, 360));
    CHECK(squares.next().empty());
}

TEST_CASE("changed parts: another size is another picture; parts stay inside and are few") {
    Squares squares;
    squares.next();
    squares.harness.resize(801, 599);
    CHECK(squares.next() == std::vector<gfx::SurfacePart>{{0, 0, 801, 599}});
    int shift = 0;
    squares.harness.draw = [&] {
        for (int i = 0; i < 400; ++i) {
            const auto x = static_cast<float>(i % 20 * 40 + shift), y = static_cast<float>(i / 20 * 30);
            ImGui::GetBackgroundDrawList()->AddRectFilled({x, y}, {x + 5, y + 5}, IM_COL32_WHITE);
        }
    };
    squares.next();
    shift = 7;
    const auto parts = squares.next();
    CHECK(!parts.empty());
    CHECK(parts.size() <= ChangedParts::kMostParts);
    for (const gfx::SurfacePart& part : parts) {
        CHECK(part.x + part.width <= 801);
        CHECK(part.y + part.height <= 599);
        for (const gfx::SurfacePart& other : parts) {
            const bool is_apart = part == other || part.x >= other.x + other.width ||
                                  other.x >= part.x + part.width || part.y >= other.y + other.height ||
                                  other.y >= part.y + part.height;
            CHECK(is_apart);
        }
    }
}
