// Workspaces, tabs and keys of the whole window, without GL and display.
#include <doctest/doctest.h>

#include "app/window_stage.h"
#include "io/lessons/read_lesson.h"
#include "session/find/find_state.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"

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

TEST_CASE("window: one Escape cancels the run, also while the text box has the keyboard") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    f.world->run_gate.close();
    const int entered = f.world->run_gate.num_entered();
    f.session.set_text("5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21");
    f.world->run_gate.wait_for_entries(entered + 1);
    REQUIRE(stage.run("focus_text"));
    stage.harness.frames(2);
    REQUIRE(stage.harness.item("##text").is_selected);
    stage.press(WindowStage::kEscape);
    f.world->run_gate.open();
    stage.settle();
    REQUIRE(f.now().text_problem);
    CHECK(f.now().text_problem->reason == "The run of this text was cancelled.");
    CHECK(stage.harness.item("left_over").value.find("shown is") != std::string::npos);
    stage.harness.click("run_again");
    stage.settle();
    CHECK_FALSE(f.now().text_problem);
    CHECK(f.now().text->tokens.tokens.size() == 17);
}

TEST_CASE("window: Escape over an open menu does not cancel") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    f.world->run_gate.close();
    const int entered = f.world->run_gate.num_entered();
    f.session.set_text("5 6 7");
    f.world->run_gate.wait_for_entries(entered + 1);
    stage.harness.click("Edit");
    stage.press(WindowStage::kEscape);
    CHECK_FALSE(stage.harness.is_visible("menu_undo"));
    f.world->run_gate.open();
    stage.settle();
    CHECK_FALSE(f.now().text_problem);
}

TEST_CASE("window: keys choose workspaces and tabs") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 640, 400, 1);
    stage.settle();
    stage.press('3', true);
    CHECK(f.now().settings.workspace == "compare");
    stage.press('1', true);
    stage.harness.frames(1);
    REQUIRE(stage.harness.item("Head").is_selected);
    stage.press(WindowStage::kTab, true);
    stage.harness.frames(1);
    CHECK(stage.harness.item("Flow").is_selected);
    stage.press(WindowStage::kTab, true, true);
    stage.harness.frames(1);
    CHECK(stage.harness.item("Head").is_selected);
}

TEST_CASE("window: an error goes when what was wrong is past") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    f.world->broken.insert("no_such_folder/broken");
    f.session.open("no_such_folder/broken");
    stage.settle();
    REQUIRE(stage.harness.is_visible("toast_dismiss"));
    f.session.set_text("5 6 7");
    stage.settle();
    CHECK_FALSE(stage.harness.is_visible("toast_dismiss"));
}

TEST_CASE("window: words are found in the text and counted") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    f.session.set_query(0);
    stage.settle();
    REQUIRE(stage.run("find_token"));
    stage.harness.frames(3);
    REQUIRE(stage.harness.item("find_words").is_selected);
    stage.harness.type("1");
    stage.harness.frames(2);
    const int first = f.now().selection.query;
    CHECK(first == 5);  // "10" is the sixth
    stage.harness.click("find_next");
    CHECK(f.now().selection.query == 6);
    stage.harness.click("find_previous");
    stage.harness.click("find_previous");
    CHECK(f.now().selection.query == 14);  // around the end: "19"
    stage.press(WindowStage::kEscape);
    CHECK_FALSE(stage.harness.is_visible("find_words"));
}

TEST_CASE("window: heads are found by an expression in the same line, and Escape clears the marks") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    REQUIRE(stage.run("find_heads"));
    stage.harness.frames(3);
    REQUIRE(stage.harness.item("find_words1").is_selected);
    stage.harness.type("layer < 1 and head >");
    stage.harness.frames(2);
    // No expression yet: at most its beginning is marked, and nothing is said but under the line.
    const auto begun = f.now().part<FindState>().heads;
    CHECK((!begun || begun->text().starts_with("layer < 1")));
    CHECK_FALSE(stage.harness.is_visible("toast_dismiss"));
    stage.harness.type(" 0");
    stage.harness.frames(2);
    REQUIRE(f.now().part<FindState>().heads);
    CHECK(f.now().part<FindState>().heads->text() == "layer < 1 and head > 0");
    f.session.select({0, 0});
    stage.harness.click("find_next");
    CHECK(f.now().selection.head == HeadId{0, 1});
    stage.press(WindowStage::kEscape);
    CHECK_FALSE(stage.harness.is_visible("find_words1"));
    CHECK_FALSE(f.now().part<FindState>().heads);
}

TEST_CASE("window: menus show what is on, and ask for words in a dialog") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    stage.harness.click("View");
    stage.harness.click("menu_weights");
    CHECK(stage.harness.item("weights_raw").is_selected);
    stage.harness.click("weights_no-sink");
    stage.settle();
    CHECK(f.now().settings.weights_shown == WeightsShown::NoSink);
    stage.harness.click("View");
    stage.harness.click("menu_gamma");
    stage.harness.frames(2);
    stage.harness.type("0.8");
    stage.harness.click("input_ok");
    CHECK(f.now().settings.gamma == doctest::Approx(0.8));
}

TEST_CASE("window: the splitters' places are kept with the settings") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    const ui::RecordedItem splitter = stage.harness.item("##split_left");
    const ImVec2 at{0.5f * (splitter.min.x + splitter.max.x), 450};
    stage.harness.drag(at, {at.x + 100, 450});
    CHECK(f.now().settings.left_share > 0.25);
    CHECK(stage.harness.item("##split_left").min.x == doctest::Approx(splitter.min.x + 100).epsilon(0.02));
}

namespace {

LessonPtr window_lesson() {
    auto lesson = parse_lesson(
        "---\nid: window\ntitle: Window\nmodel: any\n---\n## First\nWords.\nlook at: view head_grid\n"
        "question: q\nanswer: number 3\n## Second\nWords.\n",
        "window.md");
    REQUIRE(lesson);
    return std::make_shared<const Lesson>(std::move(*lesson));
}

void finish_scene(BigSession& f, WindowStage& stage) {
    CommandContext context{f.session, stage.shell};
    while (is_lesson_busy(f.now())) {
        REQUIRE(f.settle());
        step_lesson(context);
    }
    stage.settle();
}

}  // namespace

TEST_CASE("window: a lesson stands beside the cards of every workspace and covers none") {
    BigSession f;
    f.show_text();
    for (const auto& [width, height] : {std::pair{1600.0f, 900.0f}, {1280.0f, 800.0f}, {2560.0f, 1440.0f}}) {
        WindowStage stage(f.session, width, height, 1);
        start_lesson(f.session, window_lesson(), 0);
        finish_scene(f, stage);
        for (const char* workspace : {"look", "cause", "study"}) {
            REQUIRE(stage.run(std::string("workspace ") + workspace));
            stage.settle();
            const ui::RecordedItem lesson = stage.harness.item("card_lesson");
            int num_cards = 0;
            for (const ui::RecordedItem& item : stage.harness.recorded_items()) {
                if (!item.label.starts_with("card_") || item.label == "card_lesson") continue;
                const bool is_apart = item.max.x <= lesson.min.x || item.min.x >= lesson.max.x ||
                                      item.max.y <= lesson.min.y || item.min.y >= lesson.max.y;
                CHECK_MESSAGE(is_apart, item.label, " is covered by the lesson in ", workspace);
                ++num_cards;
            }
            CHECK(num_cards >= 3);
        }
    }
}

TEST_CASE("window: Space goes on in a lesson, but not while a text is typed or something is in focus") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    start_lesson(f.session, window_lesson(), 0);
    finish_scene(f, stage);
    const auto step = [&] { return f.now().part<LessonState>().step; };
    stage.harness.click("##lesson_number");
    stage.harness.key(ImGuiKey_Space);
    CHECK(step() == 0);  // it was typed
    stage.harness.click("card_metrics");
    stage.harness.key(ImGuiKey_Space);
    CHECK(step() == 1);
    finish_scene(f, stage);
    stage.harness.key(ImGuiKey_Space, false, true);
    CHECK(step() == 0);
    finish_scene(f, stage);
    stage.harness.key(ImGuiKey_Tab);
    REQUIRE(stage.harness.kit().focus.is_shown());
    stage.harness.key(ImGuiKey_Space);
    CHECK(step() == 0);  // it pressed what is in focus
    stage.press(WindowStage::kEscape);
    REQUIRE(stage.run("lesson_end"));
    finish_scene(f, stage);
    CHECK_FALSE(stage.harness.is_visible("card_lesson"));
    CHECK(stage.failures.empty());
}

TEST_CASE("window: in a small window the lesson is a tab, which a new step brings to the front") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 480, 320, 1);
    start_lesson(f.session, window_lesson(), 0);
    finish_scene(f, stage);
    CHECK(stage.harness.item("Lesson").is_selected);
    CHECK(stage.harness.is_visible("card_lesson"));
    stage.harness.click("Head");
    stage.harness.frames(2);
    CHECK(stage.harness.is_visible("card_heatmap"));
    CHECK_FALSE(stage.harness.is_visible("card_lesson"));
    REQUIRE(stage.run("lesson_next"));
    finish_scene(f, stage);
    CHECK(stage.harness.is_visible("card_lesson"));
    REQUIRE(stage.run("next_page"));
    stage.harness.frames(2);
    CHECK_FALSE(stage.harness.is_visible("card_lesson"));
}

TEST_CASE("window: a quiz takes the place of all cards, Space reveals and goes on") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 1600, 900, 1);
    REQUIRE(stage.run("quiz next"));  // rows of the fake engine are all even: none is worth guessing
    const auto finish_question = [&] {
        CommandContext context{f.session, stage.shell};
        while (is_quiz_busy(f.now())) {
            REQUIRE(f.settle());
            step_quiz(context);
        }
        stage.settle();
    };
    finish_question();
    for (const ui::RecordedItem& item : stage.harness.recorded_items()) {
        if (item.label.starts_with("card_")) CHECK(item.label == "card_quiz");
    }
    const QuizState& quiz = f.now().part<QuizState>();
    REQUIRE(quiz.is_ready);
    stage.harness.key(ImGuiKey_Space);
    CHECK(f.now().part<QuizState>().is_revealed);
    stage.harness.key(ImGuiKey_Space);
    finish_question();
    CHECK(f.now().part<QuizState>().number == 2);
    CHECK_FALSE(f.now().part<QuizState>().is_revealed);
    REQUIRE(stage.run("quiz off"));
    stage.settle();
    CHECK(stage.harness.is_visible("card_heatmap"));
}

TEST_CASE("window: the invitation takes a line of its own and goes for good") {
    BigSession f;
    f.show_text();
    f.session.update_settings([](Settings& settings) { settings.invites_to_lessons = true; });
    WindowStage stage(f.session, 1600, 900, 1);
    stage.settle();
    CHECK(stage.harness.is_visible("lesson_invitation"));
    stage.harness.click("lesson_dismiss");
    stage.harness.frames(2);
    CHECK_FALSE(f.now().settings.invites_to_lessons);
    CHECK_FALSE(stage.harness.is_visible("card_lesson"));
}
