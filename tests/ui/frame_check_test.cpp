// The check of drawn frames finds what it is there to find.
#include "ui/frame_check.h"

#include <doctest/doctest.h>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// Faults of a frame that `draw` draws.
std::vector<std::string> faults_of(const std::function<void()>& draw) {
    UiHarness harness(400, 300);
    harness.draw = draw;
    harness.frames(2);
    return faults_of_frame(harness);
}

void put(float x, float y, const char* words) {
    ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.body, {x, y}, ui::colors().text, words);
}

}  // namespace

TEST_CASE("frame check: words side by side are no fault, words over each other are") {
    CHECK(faults_of([] {
              put(20, 20, "some words");
              put(20, 60, "and others");
          }).empty());
    const auto faults = faults_of([] {
        put(20, 20, "some words");
        put(40, 24, "and others");
    });
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].find("lies on") != std::string::npos);
}

TEST_CASE("frame check: words that leave the window or are clipped are cut") {
    CHECK(faults_of([] { put(370, 20, "some words"); }).size() == 1);
    const auto clipped = [](float right) {
        return [right] {
            ImGui::PushClipRect({10, 10}, {right, 60}, true);
            put(20, 20, "some words");
            ImGui::PopClipRect();
        };
    };
    CHECK(faults_of(clipped(50)).size() == 1);
    CHECK(faults_of(clipped(200)).empty());
}

TEST_CASE("frame check: two buttons in one place, a button over the edge of its card, words over its edge") {
    const auto button = [](const char* label, float x, float y) {
        ImGui::SetCursorScreenPos({x, y});
        ui::pill_button(label);
    };
    CHECK(faults_of([&] {
              button("first", 20, 20);
              button("second", 100, 20);
          }).empty());
    CHECK_FALSE(faults_of([&] {
                    button("first", 20, 20);
                    button("second", 30, 20);
                }).empty());
    CHECK_FALSE(faults_of([&] {
                    button("first", 20, 20);
                    put(5, 24, "words");
                }).empty());
    const auto card = [&](float x) {
        return [&button, x] {
            ui::Card frame({.id = "sample"}, {20, 20}, {200, 200});
            (void)static_cast<bool>(frame);
            button("inside", x, 60);
        };
    };
    CHECK(faults_of(card(60)).empty());
    CHECK_FALSE(faults_of(card(190)).empty());
}

TEST_CASE("frame check: shaped words count too, and lists may be cut where they scroll") {
    const auto shaped = [](float x) {
        return [x] { ui::draw_shaped(ImGui::GetWindowDrawList(), {x, 20}, "·שלום", ui::colors().text); };
    };
    CHECK(faults_of(shaped(20)).empty());
    CHECK(faults_of(shaped(380)).size() == 1);
    const auto list = [](bool scrolls) {
        return [scrolls] {
            ui::Card frame({.id = "list", .scrolls = scrolls}, {20, 20}, {200, 93});
            for (int i = 0; frame && i < 20; ++i)
                ui::text("a line");
        };
    };
    CHECK(faults_of(list(true)).empty());
    CHECK_FALSE(faults_of(list(false)).empty());
}
