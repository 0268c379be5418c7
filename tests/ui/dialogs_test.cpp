// The folder browser on a real folder, list and text dialogs.
#include <doctest/doctest.h>

#include <fstream>

#include "support/fixtures.h"
#include "ui/dialogs/dialogs.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

namespace {

std::string make_tree() {
    const std::string dir = test::fresh_dir("browser");
    std::filesystem::create_directories(dir + "/model");
    std::filesystem::create_directories(dir + "/.hidden");
    std::ofstream(dir + "/model/config.json") << "{}";
    std::ofstream(dir + "/b.npz") << "12345";
    std::ofstream(dir + "/A.txt") << "1";
    return dir;
}

}  // namespace

TEST_CASE("folder list: folders first, by name without case, hidden ones left out") {
    const auto entries = list_folder(make_tree());
    REQUIRE(entries);
    REQUIRE(entries->size() == 3);
    CHECK((*entries)[0].name == "model");
    CHECK((*entries)[1].name == "A.txt");
    CHECK((*entries)[2].name == "b.npz");
    CHECK((*entries)[2].size_bytes == 5);
    CHECK(list_folder("/no/such/folder").error().kind == ErrorKind::Missing);
    CHECK(list_folder(make_tree() + "/A.txt").error().kind == ErrorKind::Unsupported);
}

TEST_CASE("browser: a double click enters a folder, the button takes it, files can be filtered") {
    UiHarness ui;
    FileBrowser browser;
    std::optional<std::string> chosen;
    ui.draw = [&] {
        if (auto path = browser.draw()) chosen = path;
    };
    ui.frames(1);
    const std::string dir = std::filesystem::canonical(make_tree()).string();
    browser.open({.extensions = {".npz"},
                  .describe = [](const std::string&, bool is_folder) { return is_folder ? "model" : ""; }},
                 dir);
    ui.frames(3);
    CHECK(ui.is_visible("b.npz"));
    CHECK_FALSE(ui.is_visible("A.txt"));
    ui.double_click("model");
    CHECK(ui.item("browser_path").value == dir + "/model");
    ui.click("browser_ok");
    REQUIRE(chosen);
    CHECK(*chosen == dir + "/model");
    CHECK_FALSE(browser.is_open());

    chosen.reset();
    browser.open({}, dir);
    ui.frames(3);
    ui.double_click("b.npz");
    REQUIRE(chosen);
    CHECK(*chosen == dir + "/b.npz");

    browser.open({}, dir + "/model");
    ui.frames(3);
    ui.click("browser_up");
    ui.frames(1);
    CHECK(ui.is_visible("b.npz"));
    ui.click("browser_cancel");
    CHECK_FALSE(browser.is_open());
}

TEST_CASE("file browser: what is no path is handed on as a name where names are taken") {
    UiHarness ui;
    FileBrowser browser;
    std::optional<std::string> chosen;
    ui.draw = [&] {
        if (auto path = browser.draw()) chosen = path;
    };
    FileBrowser::Spec spec;
    spec.takes_names = true;
    browser.open(spec, "/");
    ui.frames(3);
    ui.click("##browser_path");
    ui.key(ImGuiKey_A, true);
    ui.type("org/name");
    ui.frames(2);
    ui.click("browser_ok");
    REQUIRE(chosen);
    CHECK(*chosen == "org/name");
    CHECK_FALSE(browser.is_open());
}

TEST_CASE("choice dialog: an answer is given once, and closing is none") {
    UiHarness ui;
    ChoiceDialog dialog;
    std::optional<int> chosen;
    ui.draw = [&] {
        if (auto answer = dialog.draw()) chosen = answer;
    };
    dialog.open("This file runs code", "It is a program.", {"Run its code", "Ask again"});
    ui.frames(3);
    ui.click("choice_1");
    REQUIRE(chosen);
    CHECK(*chosen == 1);
    CHECK_FALSE(dialog.is_open());
    chosen.reset();
    ui.frames(2);
    CHECK_FALSE(chosen);
    dialog.open("This file runs code", "It is a program.", {"Run its code"});
    ui.frames(3);
    ui.click("choice_cancel");
    REQUIRE(chosen);
    CHECK(*chosen == -1);
}

TEST_CASE("list dialog: a row chooses; text dialog: its text can be copied") {
    UiHarness ui;
    ListDialog list;
    TextDialog dialog;
    std::optional<std::string> chosen;
    ui.draw = [&] {
        if (auto id = list.draw()) chosen = id;
        dialog.draw();
    };
    list.open("Sessions", {{"a", "First", "", ""}, {"b", "Second", "", ""}});
    ui.frames(3);
    ui.click("Second");
    REQUIRE(chosen);
    CHECK(*chosen == "b");
    dialog.open("Error", "the whole story");
    ui.frames(3);
    ui.click("text_copy");
    CHECK(ui.clipboard() == "the whole story");
    ui.click("text_close");
    CHECK_FALSE(dialog.is_open());
}

TEST_CASE("browser: the path has the keyboard at once, Tab completes it, Enter opens a model folder") {
    UiHarness ui;
    FileBrowser browser;
    std::optional<std::string> chosen;
    ui.draw = [&] {
        if (auto path = browser.draw()) chosen = path;
    };
    ui.frames(1);
    const std::string dir = std::filesystem::canonical(make_tree()).string();
    browser.open(
        {.describe = [](const std::string& path, bool) { return path.ends_with("/model") ? "model" : ""; }},
        dir);
    ui.frames(3);
    CHECK(ui.item("browser_path").is_selected);
    ui.type(dir + "/mo");  // over what is selected
    CHECK(ui.item("browser_path").value == dir + "/mo");
    ui.key(ImGuiKey_Tab);
    ui.frames(1);
    CHECK(ui.item("browser_path").value == dir + "/model/");
    ui.key(ImGuiKey_Backspace);
    ui.key(ImGuiKey_Enter);
    ui.frames(2);
    REQUIRE(chosen);
    CHECK(*chosen == dir + "/model");
}

TEST_CASE("browser: suggestions stand on top until another folder is shown") {
    UiHarness ui;
    FileBrowser browser;
    std::optional<std::string> chosen;
    ui.draw = [&] {
        if (auto path = browser.draw()) chosen = path;
    };
    ui.frames(1);
    const std::string dir = std::filesystem::canonical(make_tree()).string();
    browser.open({.suggestions = {{"org/name", "Hugging Face cache"}}}, dir);
    ui.frames(3);
    REQUIRE(ui.is_visible("org/name"));
    CHECK(ui.item("org/name").min.y < ui.item("model").min.y);
    ui.double_click("model");
    CHECK_FALSE(ui.is_visible("org/name"));
    browser.open({.suggestions = {{"org/name", "Hugging Face cache"}}}, dir);
    ui.frames(3);
    ui.double_click("org/name");
    REQUIRE(chosen);
    CHECK(*chosen == "org/name");
}

TEST_CASE("paths: completed as far as all names agree, one folder gets its slash") {
    const std::string dir = make_tree();
    std::filesystem::create_directories(dir + "/model_two");
    CHECK(complete_path("m", dir) == "model");
    CHECK(complete_path("model_", dir) == "model_two/");
    CHECK(complete_path(dir + "/b", "/") == dir + "/b.npz");
    CHECK(complete_path("nothing", dir) == "nothing");
    CHECK(absolute_path("x", "/") == "/x");
    CHECK(absolute_path("/x", dir) == "/x");
}

TEST_CASE("words: a dialog hands on what was typed with Enter") {
    UiHarness ui;
    InputDialog dialog;
    std::optional<std::string> typed;
    ui.draw = [&] {
        if (auto words = dialog.draw()) typed = words;
    };
    ui.frames(1);
    dialog.open("Set gamma", "The exponent of the colours.", "gamma VALUE");
    ui.frames(3);
    ui.type("0.5");
    ui.key(ImGuiKey_Enter);
    ui.frames(2);
    REQUIRE(typed);
    CHECK(*typed == "0.5");
    CHECK_FALSE(dialog.is_open());
}
