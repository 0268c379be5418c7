// Every workspace at many sizes and scales: nothing overlaps, nothing is cut.
#include <doctest/doctest.h>

#include "app/window_stage.h"
#include "io/lessons/read_lesson.h"
#include "session/recording_shell.h"
#include "session/tasks/generation.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/frame_check.h"
#include "views/workspaces/workspace.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct WindowSize {
    float width, height, scale;  // logical units; pixels per unit
};

// 480 × 320 is the smallest that the window promises.
constexpr WindowSize kSizes[] = {
    {480, 320, 1},  {480, 320, 1.5f},  {480, 320, 2},    {480, 320, 3},     {480, 800, 1},   {500, 400, 2},
    {640, 400, 1},  {640, 400, 2},     {640, 480, 1},    {640, 480, 1.5f},  {719, 479, 1},   {720, 480, 1},
    {720, 480, 3},  {800, 600, 1},     {800, 600, 1.5f}, {853, 480, 1.5f},  {960, 540, 2},   {1000, 560, 1},
    {1024, 768, 1}, {1024, 600, 2},    {1280, 480, 1},   {1280, 720, 1},    {1280, 800, 1},  {1280, 800, 2},
    {1440, 820, 1}, {1440, 900, 1.5f}, {1600, 900, 1},   {1600, 900, 1.5f}, {1920, 1080, 1}, {2560, 1440, 1}};

/// The pages of a window of one column are turned; wider ones have one.
void check_pages(WindowStage& stage, const std::string& where) {
    std::string first;
    for (int page = 0; page < 8; ++page) {
        stage.settle();
        std::string now;
        for (const ui::RecordedItem& item : stage.harness.recorded_items()) {
            if (item.label.starts_with("card_")) now += item.label;
        }
        if (page > 0 && now == first) return;
        if (page == 0) first = now;
        std::string faults;
        for (const std::string& fault : faults_of_frame(stage.harness))
            faults += "\n  " + fault;
        CHECK_MESSAGE(faults.empty(), where, ", ", now, ":", faults);
        REQUIRE(stage.run("next_page"));
    }
}

void check_sizes(BigSession& f, const std::string& what) {
    for (const WindowSize& size : kSizes) {
        WindowStage stage(f.session, size.width * size.scale, size.height * size.scale, size.scale);
        for (const WorkspaceDescriptor* workspace : workspaces()) {
            REQUIRE(stage.run(std::string("workspace ") + workspace->id));
            check_pages(stage, fmt::format("{} at {}x{} scale {}, {}", workspace->id, size.width, size.height,
                                           size.scale, what));
        }
        CHECK(stage.failures.empty());
    }
}

}  // namespace

TEST_CASE("sizes: no card, switch or word overlaps or is cut with a text") {
    BigSession f;
    f.show_text();
    check_sizes(f, "a text");
}

TEST_CASE("sizes: the same while attention is replaced, two heads are chosen and the sweep has ranked all") {
    BigSession f;
    f.show_text();
    f.session.select({11, 11}, false);
    f.session.select({3, 2}, true);
    Intervention change;
    change.mode = InterventionMode::Uniform;
    change.heads = {{1, 2}, {11, 11}};
    f.session.add_intervention(change);
    REQUIRE(f.settle());
    check_sizes(f, "replaced attention");
    f.session.set_compare(Compare::Difference);
    check_sizes(f, "a difference");
}

TEST_CASE("sizes: the same with a text that was written on, and a branch") {
    BigSession f;
    f.show_text();
    start_writing(f.session, 12);
    REQUIRE(f.settle());
    REQUIRE(branch_writing(f.session, 4, 33));
    start_writing(f.session, 5);
    REQUIRE(f.settle());
    check_sizes(f, "a written text");
}

TEST_CASE("sizes: the same with the head as lines and as q·k, alone and with others") {
    BigSession f;
    f.show_text();
    f.session.select({11, 11}, false);
    for (const char* form : {"lines", "qk"}) {
        f.session.update_settings([&](Settings& settings) {
            settings.head_form = form;
            settings.thumbnails = "lines";
        });
        check_sizes(f, form);
    }
    for (int head = 0; head < 9; ++head)
        f.session.select({3, head}, true);
    f.session.update_settings([](Settings& settings) { settings.head_form = "lines"; });
    check_sizes(f, "lines of ten heads");
}

TEST_CASE("sizes: the card of notes, with a cell chosen and notes of every length") {
    BigSession f;
    f.show_text();
    for (const WindowSize& size : kSizes) {
        WindowStage stage(f.session, size.width * size.scale, size.height * size.scale, size.scale);
        REQUIRE(stage.run("select 3 2"));
        REQUIRE(stage.run("query 4"));
        REQUIRE(stage.run("key 1"));
        REQUIRE(stage.run("note \"induction, the strongest of all that were seen so far on this text\" red"));
        REQUIRE(stage.run("note_cell here"));
        REQUIRE(stage.run("workspace study"));
        REQUIRE(stage.run("view notes"));
        check_pages(stage, fmt::format("notes at {}x{} scale {}", size.width, size.height, size.scale));
        CHECK(stage.failures.empty());
    }
}

TEST_CASE("sizes: the same with a lesson open, at each kind of question, with the list and the invitation") {
    BigSession f;
    f.show_text();
    const auto lesson_of = [](const std::string& end) {
        const std::string words = "A line of plain words, as long as those of a lesson are. ";
        auto lesson = parse_lesson(
            "---\nid: sizes\ntitle: A title that is rather long for a narrow card\nmodel: any\n---\n"
            "## A heading with several words in it\n" +
                words + words + "\n\n" + words + "\n" + end,
            "sizes.md");
        REQUIRE_MESSAGE(lesson, lesson.error().message);
        return std::make_shared<const Lesson>(std::move(*lesson));
    };
    const char* ends[] = {
        "look at: view heatmap\nlook at: head 1 2\nlook at: token 3\nlook at: cell 5 2\nclaim: tokens = "
        "3\nquestion: A "
        "question of several words?\nchoice: one\nchoice: another that is longer than the card is wide, at "
        "least where it is "
        "narrow\nanswer: choice 1\n",
        "question: How many?\nanswer: number 3\n", "question: Which head?\nanswer: head 0.1\n"};
    for (const char* end : ends) {
        start_lesson(f.session, lesson_of(end), 0);
        RecordingShell shell;
        CommandContext context{f.session, shell};
        while (is_lesson_busy(f.now())) {
            REQUIRE(f.settle());
            step_lesson(context);
        }
        check_sizes(f, "a lesson");
    }
    {
        WindowStage stage(f.session, 1600, 900, 1);
        REQUIRE(stage.run("lesson"));
    }
    check_sizes(f, "the list of lessons");
    {
        WindowStage stage(f.session, 1600, 900, 1);
        REQUIRE(stage.run("lesson_end"));
    }
    f.session.update_settings([](Settings& settings) { settings.invites_to_lessons = true; });
    check_sizes(f, "the invitation");
}

TEST_CASE("sizes: the same with a quiz, before and after it is revealed") {
    BigSession f;
    f.show_text();
    // One stage at a time: each has a context of Dear ImGui of its own.
    RecordingShell shell;
    CommandContext context{f.session, shell};
    const auto run = [&](const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        REQUIRE(run_command(context, **call));
    };
    for (const char* kind : {"quiz next", "quiz looks"}) {
        run(kind);
        while (is_quiz_busy(f.now())) {
            REQUIRE(f.settle());
            step_quiz(context);
        }
        check_sizes(f, kind);
        run("quiz_reveal");
        check_sizes(f, std::string(kind) + " revealed");
    }
}

TEST_CASE("sizes: the same with nothing open") {
    BigSession f;
    check_sizes(f, "nothing open");
}

TEST_CASE("sizes: a layout that is too large is found") {
    BigSession f;
    f.show_text();
    WindowStage stage(f.session, 480, 320, 1);
    stage.settle();
    // The window is drawn for half its pixels again: what it holds cannot fit.
    stage.harness.kit().configure(ui::ThemeKind::Dark, 2);
    stage.harness.frames(3);
    CHECK_FALSE(faults_of_frame(stage.harness).empty());
}
