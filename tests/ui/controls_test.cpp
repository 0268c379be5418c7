// Things to press: each reacts to a click on what it shows, and only then.
#include <doctest/doctest.h>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

TEST_CASE("segmented: a click selects, the selected one is marked, a disabled one stays off") {
    UiHarness ui;
    int selected = 0, changes = 0;
    ui.draw = [&] {
        const Segment segments[] = {{"linear"}, {"log"}, {"rank", nullptr, false}};
        changes += segmented("scale", segments, selected) ? 1 : 0;
    };
    ui.frames(2);
    CHECK(ui.item("linear").is_selected);
    ui.click("log");
    CHECK(selected == 1);
    CHECK(changes == 1);
    CHECK(ui.item("log").is_selected);
    ui.click("log");
    CHECK(changes == 1);
    ui.click("rank");
    CHECK(selected == 1);
    CHECK_FALSE(ui.item("rank").is_enabled);
}

TEST_CASE("buttons: pressed once a click, found by id and by visible text") {
    UiHarness ui;
    int pressed = 0, disabled = 0;
    ui.draw = [&] {
        pressed += pill_button("Open a model##open", true) ? 1 : 0;
        disabled += pill_button("Never##never", false, false) ? 1 : 0;
    };
    ui.frames(2);
    ui.click("open");
    ui.click("Open a model");
    CHECK(pressed == 2);
    ui.click("never");
    CHECK(disabled == 0);
}

TEST_CASE("pill menu: opens a list, a choice closes it") {
    UiHarness ui;
    int selected = 0;
    ui.draw = [&] {
        const char* entries[] = {"none", "entropy", "first token"};
        pill_menu("tint", "tint", entries, selected);
    };
    ui.frames(2);
    CHECK_FALSE(ui.is_visible("entropy"));
    ui.click("tint");
    ui.frames(2);
    ui.click("entropy");
    CHECK(selected == 1);
    ui.frames(3);
    CHECK_FALSE(ui.is_visible("first token"));
}

TEST_CASE("toggle and slider") {
    UiHarness ui;
    bool is_on = false;
    double gamma = 1, range = 1;
    ui.draw = [&] {
        toggle("numbers##numbers", is_on);
        slider("gamma##gamma", gamma, 0, 2, "{:.2f}", 300);
        slider("range##range", range, 0.01, 1, "{:.3f}", 300, true);
    };
    ui.frames(2);
    ui.click("numbers");
    CHECK(is_on);
    ui.click_at("gamma", 0.999f, 0.5f);
    CHECK(gamma == doctest::Approx(2));
    const auto item = ui.item("range");
    ui.drag({item.max.x - 60, item.min.y + 10}, {item.min.x, item.min.y + 10});
    CHECK(range == doctest::Approx(0.01));
}

TEST_CASE("chip: click, double click and right click are told apart") {
    UiHarness ui;
    ItemResponse seen;
    int clicks = 0, doubles = 0, rights = 0;
    ui.draw = [&] {
        seen = chip({.id = "token3", .text = "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"});
        clicks += seen.is_clicked ? 1 : 0;
        doubles += seen.is_double_clicked ? 1 : 0;
        rights += seen.is_right_clicked ? 1 : 0;
    };
    ui.frames(2);
    CHECK(ui.item("token3").value == "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D");
    ui.click("token3");
    CHECK(clicks == 1);
    CHECK(doubles == 0);
    ui.click("token3", 1);
    CHECK(rights == 1);
    ui.double_click("token3");
    CHECK(doubles == 1);
    ui.hover("token3");
    CHECK(seen.is_hovered);
    ui.move_mouse({900, 700});
    CHECK_FALSE(seen.is_hovered);
}

TEST_CASE("tooltip: appears after a moment, goes with the pointer") {
    UiHarness ui;
    ui.draw = [&] { pill_button("x##x", false, true, "what it does"); };
    ui.frames(2);
    ui.hover("x");
    CHECK_FALSE(ui.is_visible("tooltip"));
    ui.pass_time(0.6);
    CHECK(ui.item("tooltip").value == "what it does");
    ui.move_mouse({900, 700});
    CHECK_FALSE(ui.is_visible("tooltip"));
}

TEST_CASE("top bar: variants of what is open are a switch beside its name") {
    UiHarness ui;
    constexpr Segment kTwo[] = {{"Adapter##with_adapter", "with it"}, {"Base##base_alone", "without it"}};
    int chosen = 0;
    bool has_two = true;
    ui.draw = [&] {
        TopBarSpec spec;
        spec.name = "Headlight";
        spec.chip_strong = "model";
        if (has_two) spec.variants = kTwo;
        spec.variant = chosen;
        chosen = top_bar(spec, {0, 0}, 1600).chosen_variant;
    };
    ui.frames(3);
    ui.click("base_alone");
    CHECK(chosen == 1);
    ui.click("with_adapter");
    CHECK(chosen == 0);
    has_two = false;
    ui.frames(2);
    CHECK_FALSE(ui.is_visible("base_alone"));
}

TEST_CASE("menus: an entry runs once, a disabled one never") {
    UiHarness ui;
    int opened = 0, saved = 0;
    bool is_chip = false;
    ui.draw = [&] {
        const auto response = top_bar({.name = "Headlight",
                                       .chip_strong = "model",
                                       .menus =
                                           [&] {
                                               menu("File", [&] {
                                                   opened += menu_item("Open##file_open", "Ctrl+O") ? 1 : 0;
                                                   saved += menu_item("Save##file_save", {}, false) ? 1 : 0;
                                               });
                                           }},
                                      {0, 0}, 1600);
        is_chip |= response.is_chip_clicked;
    };
    ui.frames(3);
    ui.click("File");
    ui.frames(2);
    ui.click("file_save");
    CHECK(saved == 0);
    if (!ui.is_visible("file_open")) ui.click("File");
    ui.frames(2);
    ui.click("file_open");
    CHECK(opened == 1);
    ui.frames(3);
    CHECK_FALSE(ui.is_visible("file_open"));
    ui.click("open_chip");
    CHECK(is_chip);
}

TEST_CASE("keyboard: Tab walks through what can be pressed and Enter presses it; typing keeps the keys") {
    UiHarness ui;
    std::string pressed;
    ui.draw = [&] {
        for (const char* label : {"first##a", "second##b", "third##c"}) {
            if (pill_button(label)) pressed = label;
        }
        pill_button("never##d", false, false);
    };
    ui.frames(2);
    ui.key(ImGuiKey_Enter);
    CHECK(pressed.empty());  // nothing is in focus yet
    ui.key(ImGuiKey_Tab);
    ui.key(ImGuiKey_Tab);
    CHECK(ui.kit().focus.is_shown());
    ui.key(ImGuiKey_Enter);
    CHECK(pressed == "second##b");
    ui.key(ImGuiKey_Tab, false, true);
    ui.key(ImGuiKey_Space);
    CHECK(pressed == "first##a");
    ui.key(ImGuiKey_Tab, false, true);
    ui.key(ImGuiKey_Enter);
    CHECK(pressed == "third##c");  // around the end, over what is disabled
    ui.click("first");
    CHECK_FALSE(ui.kit().focus.is_shown());
}

TEST_CASE("switches: segments, a chip with a list, or lines of a menu") {
    UiHarness ui;
    int selected = 0;
    Density density = Density::Full;
    ui.draw = [&] {
        ImGui::SetCursorScreenPos({20, 20});
        headlight::ui::kit().density = density;
        const Segment segments[] = {{"linear"}, {"log"}};
        segmented("##scale", segments, selected);
        headlight::ui::kit().density = Density::Full;
    };
    ui.frames(2);
    ui.click("log");
    CHECK(selected == 1);
    density = Density::Compact;
    ui.frames(2);
    CHECK_FALSE(ui.is_visible("linear"));
    ui.click("##scale");
    ui.click("linear");
    CHECK(selected == 0);
    density = Density::Menu;
    ui.frames(2);
    CHECK(ui.item("linear").min.y < ui.item("log").min.y);
}

TEST_CASE("text: lines break at spaces only, numbers stay whole") {
    UiHarness ui;
    ImFont* font = ui.kit().fonts.body;
    const float width = measure_text(font, "about 1,024").x + 1;
    CHECK(wrap_text(font, "about 1,024 tokens", width) == "about 1,024\ntokens");
    CHECK(wrap_text(font, "of 1,024.5", measure_text(font, "1,024.5").x + 1) == "of\n1,024.5");
    CHECK(wrap_text(font, "one\ntwo", 1000) == "one\ntwo");
    const std::string wide = wrap_text(font, "abcdefgh", measure_text(font, "abcd").x + 1);
    CHECK(wide.find('\n') != std::string::npos);
}
