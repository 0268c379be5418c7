// The text box: typing in any script, carets, selection, clipboard, undo.
#include <doctest/doctest.h>

#include "ui/text_box.h"
#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;
using test::UiHarness;

namespace {

struct Fixture {
    UiHarness ui;
    TextBox box;
    int changes = 0;
    Fixture() {
        ui.draw = [this] { changes += box.draw("##text", "Type here", 400, 4) ? 1 : 0; };
        ui.frames(2);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "text box: types what the keyboard gives, all of Unicode") {
    ui.type("lost");
    CHECK(box.text().empty());  // not focused
    ui.click("text");
    CHECK(box.is_focused());
    ui.type("a");
    ui.type("\xD7\xA9");
    ui.type("\xF0\x9F\x98\x80");
    CHECK(box.text() == "a\xD7\xA9\xF0\x9F\x98\x80");
    CHECK(changes == 3);
    CHECK(ui.item("text").value == box.text());
    ui.key(ImGuiKey_Backspace);
    CHECK(box.text() == "a\xD7\xA9");
    ui.key(ImGuiKey_Enter);
    CHECK(box.text() == "a\xD7\xA9\n");
    ui.key(ImGuiKey_Escape);
    CHECK_FALSE(box.is_focused());
}

TEST_CASE_FIXTURE(Fixture, "text box: moves, selects by keys and replaces the selection") {
    box.set_text("When Mary and John", true);
    ui.click("text");
    ui.key(ImGuiKey_End);
    CHECK(box.caret() == 18);
    ui.key(ImGuiKey_LeftArrow, true);
    CHECK(box.caret() == 14);
    ui.key(ImGuiKey_LeftArrow, true, true);
    ui.type("x");
    CHECK(box.text() == "When Mary xJohn");
    ui.key(ImGuiKey_Home);
    ui.key(ImGuiKey_RightArrow);
    CHECK(box.caret() == 1);
    ui.key(ImGuiKey_Delete);
    CHECK(box.text() == "Wen Mary xJohn");
    ui.key(ImGuiKey_A, true);
    ui.key(ImGuiKey_Backspace);
    CHECK(box.text().empty());
}

TEST_CASE_FIXTURE(Fixture, "text box: clipboard, undo and redo") {
    box.set_text("one two", true);
    ui.click("text");
    ui.key(ImGuiKey_A, true);
    ui.key(ImGuiKey_X, true);
    CHECK(ui.clipboard() == "one two");
    CHECK(box.text().empty());
    ui.set_clipboard("three\r\nfour\xFF");
    ui.key(ImGuiKey_V, true);
    CHECK(box.text() == "three\nfour\xEF\xBF\xBD");
    ui.key(ImGuiKey_Z, true);
    CHECK(box.text().empty());
    ui.key(ImGuiKey_Z, true);
    CHECK(box.text() == "one two");
    ui.key(ImGuiKey_Y, true);
    CHECK(box.text().empty());
    ui.key(ImGuiKey_Z, true, true);
    CHECK(box.text() == "three\nfour\xEF\xBF\xBD");
}

TEST_CASE_FIXTURE(Fixture, "text box: letters typed in a row are undone together") {
    ui.click("text");
    for (const char* letter : {"w", "o", "r", "d"})
        ui.type(letter);
    ui.key(ImGuiKey_Z, true);
    CHECK(box.text().empty());
}

TEST_CASE_FIXTURE(Fixture, "text box: the mouse places the caret, drags a selection, picks a word") {
    box.set_text("When Mary and John", true);
    ui.frames(1);
    const auto item = ui.item("text");
    const float y = 0.5f * (item.min.y + item.max.y);
    ui.click("text");
    ui.move_mouse({item.min.x + 2, y});
    ui.pass_time(0.5);
    ui.press_mouse();
    CHECK(box.caret() == 0);
    ui.pass_time(0.5);
    ui.drag({item.min.x + 2, y}, {item.max.x - 2, y});
    ui.key(ImGuiKey_C, true);
    CHECK(ui.clipboard() == "When Mary and John");
    ui.move_mouse({item.min.x + 60, y});
    ui.pass_time(0.5);
    ui.press_mouse();
    ui.press_mouse();
    ui.key(ImGuiKey_C, true);
    CHECK(ui.clipboard() == "Mary");
    ui.move_mouse({item.min.x + 60, item.max.y + 200});
    ui.press_mouse();
    CHECK_FALSE(box.is_focused());
}

TEST_CASE_FIXTURE(Fixture,
                  "text box: grows with its lines up to the most, and set_text cleans what it is given") {
    const float one = box.height(400, 4);
    box.set_text("1\n2\n3", true);
    const float three = box.height(400, 4);
    box.set_text(std::string(4000, 'x'), true);
    CHECK(three > one);
    CHECK(box.height(400, 4) > three);
    CHECK(box.height(400, 4) == doctest::Approx(one + 3 * (three - one) / 2).epsilon(0.06));
    box.set_text("bad \xC3", true);
    CHECK(box.text() == "bad \xEF\xBF\xBD");
}

TEST_CASE_FIXTURE(Fixture, "text box: given the keyboard from outside it selects all, so typing replaces") {
    box.set_text("old words", true);
    box.focus();
    ui.frames(2);
    ui.type("x");
    CHECK(box.text() == "x");
    ui.key(ImGuiKey_Tab);  // on to the next thing that can be pressed
    CHECK_FALSE(box.is_focused());
}

TEST_CASE_FIXTURE(Fixture, "text box: a long text follows the caret, and a place that is to be seen") {
    std::string text;
    for (int line = 0; line < 3000; ++line)
        text += "line " + std::to_string(line) + "\n";
    box.set_text(text, true);
    ui.frames(2);
    CHECK(box.scroll() == 0);
    box.reveal(text.find("line 2000\n"));
    ui.frames(2);
    const float there = box.scroll();
    CHECK(there > 1000);
    box.set_text(text + "the end");
    ui.frames(2);
    const float end = box.scroll();
    CHECK(end > there);
    ui.click("text");
    ui.key(ImGuiKey_Home, true);
    CHECK(box.scroll() == 0);
    ui.key(ImGuiKey_End, true);
    CHECK(box.scroll() == doctest::Approx(end).epsilon(0.02));
    ui.type("!");
    CHECK(box.text() == text + "the end!");
    box.reveal(0);  // while somebody types the caret stays in sight
    ui.frames(2);
    CHECK(box.scroll() == doctest::Approx(end).epsilon(0.02));
}

TEST_CASE_FIXTURE(Fixture, "text box: undo of long texts is bounded by what it holds") {
    box.set_text(std::string(std::size_t{3} << 20, 'a'), true);
    for (int i = 0; i < 12; ++i)
        box.set_text(box.text() + "b");
    ui.click("text");
    for (int i = 0; i < 12; ++i)
        ui.key(ImGuiKey_Z, true);
    CHECK(box.text().size() > (std::size_t{3} << 20));  // the first steps are gone
    CHECK(box.text().size() < (std::size_t{3} << 20) + 12);
}
