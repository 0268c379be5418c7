// Cards and their states.
#include <doctest/doctest.h>
#include <imgui_internal.h>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/toasts.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

TEST_CASE("card: controls stand at the right end from their second frame on, inside the card") {
    UiHarness ui;
    int selected = 0;
    ui.draw = [&] {
        CardSpec spec{.id = "metrics",
                      .title = "Metrics",
                      .context = "a long context that must be shortened to leave room"};
        spec.controls = [&] {
            const Segment segments[] = {{"head"}, {"layer"}, {"model"}};
            segmented("scope", segments, selected);
        };
        const Card card(spec, {100, 50}, {320, 200});
        if (card) text("body");
    };
    ui.frames(3);
    const auto& card = ui.item("card_metrics");
    CHECK(card.min.x == 100);
    CHECK(card.max.x == 420);
    CHECK(ui.item("model").max.x == doctest::Approx(410).epsilon(0.005));
    CHECK(ui.item("head").min.x > 100);
    CHECK(ui.item("head").max.y < 50 + kHeaderHeight);
    ui.click("layer");
    CHECK(selected == 1);
}

TEST_CASE("card: an empty or failed card says one sentence and has one button") {
    UiHarness ui;
    int pressed = 0;
    CardState state = CardState::Empty;
    ui.draw = [&] {
        const Card card({.id = "heads", .title = "All heads"}, {0, 0}, {300, 200});
        pressed += draw_card_state({state, "No model is open.", "Open##open_model"}) ? 1 : 0;
    };
    for (const CardState each : {CardState::Empty, CardState::Loading, CardState::Error}) {
        state = each;
        ui.frames(2);
        CHECK(ui.item("state").value == "No model is open.");
        ui.click("open_model");
    }
    CHECK(pressed == 3);
}

TEST_CASE("card: two cards with the same button are two buttons") {
    UiHarness ui;
    int left = 0, right = 0;
    ui.draw = [&] {
        {
            const Card card({.id = "a", .title = "A"}, {0, 0}, {200, 200});
            left += pill_button("fit##left_fit") ? 1 : 0;
        }
        const Card card({.id = "b", .title = "B"}, {210, 0}, {200, 200});
        right += pill_button("fit##right_fit") ? 1 : 0;
    };
    ui.frames(2);
    ui.click("right_fit");
    CHECK(left == 0);
    CHECK(right == 1);
}

TEST_CASE(
    "toasts: information goes by itself, errors stay, repeats count up, buttons hand back their command") {
    UiHarness ui;
    ToastStack toasts;
    std::string command;
    ui.draw = [&] {
        if (const std::string given = toasts.draw({1580, 880}); !given.empty()) command = given;
    };
    ui.frames(2);
    toasts.push(ToastKind::Info, "Saved.");
    toasts.push(ToastKind::Error, "Opening failed.\nconfig.json is missing.", "Retry", "open /x");
    toasts.push(ToastKind::Error, "Opening failed.\nconfig.json is missing.", "Retry", "open /x");
    ui.frames(3);
    REQUIRE(toasts.toasts().size() == 2);
    CHECK(toasts.toasts()[1].count == 2);
    ui.pass_time(7);
    REQUIRE(toasts.toasts().size() == 1);
    CHECK(toasts.toasts()[0].kind == ToastKind::Error);
    ui.click("toast_button");
    CHECK(command == "open /x");
    CHECK(toasts.toasts().empty());
    for (int i = 0; i < 50; ++i)
        toasts.push(ToastKind::Warning, std::to_string(i));
    CHECK(toasts.toasts().size() <= 5);
}

TEST_CASE("toasts: however many come, Dear ImGui gets no more windows than are shown at once") {
    UiHarness ui;
    ToastStack toasts;
    ui.draw = [&] { toasts.draw({1580, 880}); };
    const auto num_windows_after = [&](int count) {
        for (int i = 0; i < count; ++i) {
            toasts.push(ToastKind::Error, "Opening failed: " + std::to_string(ImGui::GetFrameCount()));
            ui.frames(1);
        }
        return ImGui::GetCurrentContext()->Windows.Size;
    };
    const int few = num_windows_after(8);
    CHECK(num_windows_after(100) == few);
    ui.click("toast_dismiss");
    CHECK(toasts.toasts().size() == 4);
    CHECK(num_windows_after(8) == few);
}
