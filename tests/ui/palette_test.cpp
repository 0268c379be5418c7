// The command palette: ranking, keys, and commands typed whole.
#include <doctest/doctest.h>

#include "ui/dialogs/palette.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

namespace {

const std::vector<PaletteEntry> kEntries = {
    {"open", "Open a model", "folder or file", "Ctrl+O"},
    {"theme light", "Theme: light", "", ""},
    {"theme dark", "Theme: dark", "", ""},
    {"text", "Set the text", "", ""},
    {"quit", "Quit", "", "Ctrl+Q", false},
};

}  // namespace

TEST_CASE("fuzzy score: subsequences match, word starts and runs win") {
    CHECK(fuzzy_score("", "anything"));
    CHECK(fuzzy_score("TD", "Theme: dark"));
    CHECK_FALSE(fuzzy_score("xyz", "Theme: dark"));
    CHECK_FALSE(fuzzy_score("dd", "Theme: dark"));
    CHECK(*fuzzy_score("dark", "Theme: dark") > *fuzzy_score("dark", "do a remake"));
    CHECK(*fuzzy_score("td", "Theme: dark") > *fuzzy_score("td", "Set the editor"));
    std::vector<std::size_t> hits;
    REQUIRE(fuzzy_score("da", "Theme: dark", &hits));
    CHECK(hits == std::vector<std::size_t>{7, 8});
}

TEST_CASE("palette: typing narrows, arrows move, Enter runs, Escape closes") {
    UiHarness ui;
    CommandPalette palette;
    std::string chosen, typed;
    ui.draw = [&] {
        if (const auto id = palette.draw(kEntries, &typed)) chosen = *id;
    };
    ui.frames(1);
    palette.open();
    ui.frames(3);
    CHECK(ui.item("palette_open").is_selected);
    ui.type("the");
    ui.frames(2);
    CHECK_FALSE(ui.is_visible("palette_open"));
    CHECK(ui.item("palette_filter").value == "the");
    const bool is_dark_first = ui.item("palette_theme dark").is_selected;
    ui.key(ImGuiKey_DownArrow);
    ui.frames(1);
    CHECK(ui.item("palette_theme dark").is_selected != is_dark_first);
    ui.key(ImGuiKey_UpArrow);
    ui.key(ImGuiKey_Enter);
    CHECK(chosen == (is_dark_first ? "theme dark" : "theme light"));
    CHECK_FALSE(palette.is_open());

    palette.open();
    ui.frames(3);
    ui.key(ImGuiKey_Escape);
    CHECK_FALSE(palette.is_open());
}

TEST_CASE("palette: the mouse chooses, a disabled entry cannot be run, a click beside it closes") {
    UiHarness ui;
    CommandPalette palette;
    std::string chosen;
    ui.draw = [&] {
        if (const auto id = palette.draw(kEntries)) chosen = *id;
    };
    palette.open();
    ui.frames(3);
    ui.click("palette_quit");
    CHECK(chosen.empty());
    ui.click("palette_theme light");
    CHECK(chosen == "theme light");
    palette.open();
    ui.frames(3);
    ui.move_mouse({20, 860});
    ui.press_mouse();
    CHECK_FALSE(palette.is_open());
}

TEST_CASE("palette: a line that is no entry is handed back whole") {
    UiHarness ui;
    CommandPalette palette;
    std::optional<std::string> chosen;
    std::string typed;
    ui.draw = [&] {
        if (auto id = palette.draw(kEntries, &typed)) chosen = id;
    };
    palette.open();
    ui.frames(3);
    ui.type("select 3 4 zzz");
    ui.frames(1);
    ui.key(ImGuiKey_Enter);
    REQUIRE(chosen);
    CHECK(chosen->empty());
    CHECK(typed == "select 3 4 zzz");
}
