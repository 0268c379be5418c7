// Workspaces, tabs and keys of the whole window, without GL and display.
#include <doctest/doctest.h>

#include "app/window_stage.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("window: the switch in the top bar changes the workspace, undo does not") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    CHECK(stage.harness.is_visible("card_metrics"));
    stage.harness.click("Study");
    CHECK(f.now().settings.workspace == "study");
    stage.harness.frames(1);
    CHECK(stage.harness.is_visible("card_atlas"));
    CHECK_FALSE(stage.harness.is_visible("card_flow"));
    f.session.undo();
    stage.harness.frames(2);
    CHECK(f.now().settings.workspace == "study");
    REQUIRE(stage.run("view flow"));
    stage.harness.frames(2);
    CHECK(f.now().settings.workspace == "look");
    CHECK(stage.harness.is_visible("card_flow"));
    CHECK_FALSE(stage.run("workspace nowhere"));
}

TEST_CASE("window: a small one has one column whose tabs a command turns") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 640, 400, 1);
    stage.settle();
    CHECK(stage.harness.item("Head").is_selected);
    CHECK(stage.harness.is_visible("card_heatmap"));
    CHECK_FALSE(stage.harness.is_visible("card_head_grid"));
    stage.harness.click("Heads");
    CHECK(stage.harness.is_visible("card_head_grid"));
    REQUIRE(stage.run("previous_page"));
    stage.harness.frames(2);
    CHECK(stage.harness.item("Numbers").is_selected);
    CHECK(stage.harness.is_visible("card_metrics"));
    REQUIRE(stage.run("view text_box"));
    stage.harness.frames(2);
    CHECK(stage.harness.is_visible("card_text_box"));
}

TEST_CASE("window: a double click on a title fills the window with the card, and another gives it back") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    const auto width = [&] {
        const ui::RecordedItem& card = stage.harness.item("card_head_grid");
        return card.max.x - card.min.x;
    };
    CHECK(width() < 500);
    stage.harness.double_click("##card_title");  // of the first card
    stage.harness.frames(2);
    CHECK(width() > 1500);
    CHECK_FALSE(stage.harness.is_visible("card_metrics"));
    stage.harness.double_click("##card_title");
    stage.harness.frames(2);
    CHECK(width() < 500);
    REQUIRE(stage.run("fill_window heatmap"));
    stage.harness.frames(2);
    CHECK_FALSE(stage.harness.is_visible("card_head_grid"));
    CHECK_FALSE(stage.run("fill_window nothing"));
}

TEST_CASE("window: Escape closes the open menu and nothing else") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    stage.harness.click("File");
    REQUIRE(stage.harness.is_visible("menu_quit"));
    stage.harness.key(ImGuiKey_Escape);
    stage.harness.frames(2);
    CHECK_FALSE(stage.harness.is_visible("menu_quit"));
}
