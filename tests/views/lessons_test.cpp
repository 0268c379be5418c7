// The cards of lessons and of the quiz: what they ask for, and that the quiz gives nothing away.
#include <doctest/doctest.h>

#include <utility>

#include "io/lessons/read_lesson.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/frame_check.h"
#include "views/lessons/marks.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

LessonState sample_lesson(const std::string& steps) {
    auto lesson = parse_lesson("---\nid: sample\ntitle: Sample lesson\n---\n" + steps, "sample.md");
    REQUIRE_MESSAGE(lesson, lesson.error().message);
    LessonState state;
    state.answers.assign(lesson->steps.size(), {});
    state.lesson = std::make_shared<const Lesson>(std::move(*lesson));
    return state;
}

Snapshot with_lesson(LessonState state) {
    Snapshot snapshot = sample_snapshot({3, 4, 9, 2});
    snapshot.parts.put(std::move(state));
    return snapshot;
}

/// Positions and colours of everything that the last frame drew.
std::string drawing_of(ViewStage& stage) {
    stage.harness.frames(2);
    std::string out;
    const ImDrawData* data = ImGui::GetDrawData();
    for (int i = 0; i < data->CmdListsCount; ++i) {
        const ImDrawList* list = data->CmdLists[i];
        for (const ImDrawVert& vertex : list->VtxBuffer)
            out += fmt::format("{} {} {} {} {}\n", vertex.pos.x, vertex.pos.y, vertex.uv.x, vertex.uv.y,
                               vertex.col);
    }
    return out;
}

int vertices_of(const char* view, const Snapshot& snapshot) {
    const ViewStage stage(view, snapshot);
    return stage.harness.num_vertices();
}

/// A quiz about row `at` of a head, with weights that differ in that row only.
Snapshot with_quiz(int at, float first_share, bool is_revealed) {
    Snapshot snapshot = sample_snapshot({2, 2, 9, 0});
    auto text = std::make_shared<AnalyzedText>(*snapshot.text);
    const AttentionTrace& trace = *text->trace;
    std::vector<float> weights;
    for (int layer = 0; layer < 2; ++layer) {
        for (int head = 0; head < 2; ++head) {
            std::vector<float> matrix = trace.matrix(layer, head);
            for (int key = 0; key <= at; ++key) {
                const bool is_first = key == 1;
                matrix[static_cast<std::size_t>(at * 9 + key)] =
                    is_first ? first_share : (1 - first_share) / static_cast<float>(at);
            }
            weights.insert(weights.end(), matrix.begin(), matrix.end());
        }
    }
    text->trace = make_dense_trace(trace.info(), std::move(weights));
    text->id = 4711;
    snapshot.text = snapshot.base_text = snapshot.shown_base = text;
    QuizState quiz;
    quiz.is_on = quiz.is_ready = true;
    quiz.kind = QuizKind::LooksAt;
    quiz.number = 1;
    quiz.text_id = text->id;
    quiz.at = at;
    quiz.head = {1, 1};
    quiz.best = first_share > 0.5f ? 1 : 2;
    quiz.is_revealed = is_revealed;
    snapshot.parts.put(quiz);
    return snapshot;
}

/// Before and after it is revealed.
std::pair<std::string, std::string> drawings_of_quiz(float first_share, float scale) {
    ViewStage stage("quiz", with_quiz(6, first_share, false), SampleValues::Mode::Ready, 900 * scale,
                    800 * scale, ui::ThemeKind::Dark, scale);
    const std::string hidden = drawing_of(stage);
    stage.snapshot = with_quiz(6, first_share, true);
    return {hidden, drawing_of(stage)};
}

Snapshot with_options(bool is_revealed) {
    Snapshot snapshot = sample_snapshot({2, 2, 9, 0});
    QuizState quiz;
    quiz.is_on = quiz.is_ready = true;
    quiz.number = 1;
    quiz.text_id = snapshot.text->id;
    quiz.at = 4;
    quiz.options = {{7, "·cat", 0.2}, {8, "·你好", 0.5}, {9, "·a·rather·long·token·that·goes·on", 0.1}};
    quiz.best = 1;
    quiz.guess = 0;
    quiz.is_revealed = is_revealed;
    snapshot.parts.put(quiz);
    return snapshot;
}

}  // namespace

TEST_CASE("lessons: the card asks to go on, back, to all lessons and to the end") {
    ViewStage stage("lesson", with_lesson(sample_lesson("## First\nWords.\n## Second\nMore.\n")));
    stage.harness.click("lesson_next");
    CHECK(stage.taken() == "lesson_next");
    stage.harness.click("lesson_list");
    CHECK(stage.taken() == "lesson");
    stage.harness.click("lesson_end");
    CHECK(stage.taken() == "lesson_end");
    CHECK_FALSE(stage.harness.item("lesson_back").is_enabled);
    LessonState second = stage.snapshot.part<LessonState>();
    second.step = 1;
    stage.snapshot.parts.put(second);
    stage.harness.frames(2);
    CHECK(stage.harness.item("lesson_back").is_enabled);
    CHECK(stage.harness.is_visible("Done"));
}

TEST_CASE("lessons: questions are answered by a field, a choice, or what the window has chosen") {
    {
        ViewStage stage("lesson",
                        with_lesson(sample_lesson(
                            "## A\nw\nquestion: q\nchoice: this\nchoice: that\nanswer: choice 2\n")));
        stage.harness.click("lesson_choice2");
        CHECK(stage.taken() == "lesson_answer 2");
    }
    {
        ViewStage stage("lesson", with_lesson(sample_lesson("## A\nw\nquestion: q\nanswer: number 3\n")));
        CHECK_FALSE(stage.harness.item("lesson_answer").is_enabled);
        stage.harness.click("##lesson_number");
        stage.harness.type("0.3");
        stage.harness.frames(2);
        stage.harness.click("lesson_answer");
        CHECK(stage.taken().find("lesson_answer 0.3") != std::string::npos);
    }
    {
        ViewStage stage("lesson", with_lesson(sample_lesson("## A\nw\nquestion: q\nanswer: head 0.1\n")));
        stage.harness.click("This head");
        CHECK(stage.taken() == "lesson_answer");
    }
    {
        ViewStage stage("lesson", with_lesson(sample_lesson("## A\nw\nquestion: q\nanswer: key 3\n")));
        CHECK_FALSE(stage.harness.item("This key").is_enabled);  // none is chosen
        stage.snapshot.selection.key = 3;
        stage.harness.frames(2);
        stage.harness.click("This key");
        CHECK(stage.taken() == "lesson_answer");
    }
}

TEST_CASE("lessons: a false claim is said in the card, a true one is counted") {
    LessonState state = sample_lesson("## First\nWords.\n");
    state.checks.push_back({"tokens = 9", Reading::State::Ready, true, ""});
    // One stage at a time: each has a context of Dear ImGui of its own.
    const int plain = vertices_of("lesson", with_lesson(state));
    state.checks.push_back({"tokens = 8", Reading::State::Ready, false, "found 9 beside 8"});
    ViewStage bad("lesson", with_lesson(state));
    CHECK(bad.harness.num_vertices() > plain);
    CHECK(faults_of_frame(bad.harness).empty());
}

TEST_CASE("lessons: the list names all of them and opens one") {
    LessonState state;
    state.shows_list = true;
    Snapshot snapshot = with_lesson(state);
    snapshot.settings.lessons["induction"] = {3, 1, false};
    snapshot.settings.lessons["sink"] = {0, 3, true};
    ViewStage stage("lesson", snapshot, SampleValues::Mode::Ready, 1200, 900);
    for (const LessonPtr& lesson : bundled_lessons())
        CHECK(stage.harness.is_visible("lesson_" + lesson->id));
    stage.harness.click("lesson_induction");
    CHECK(stage.taken() == "lesson induction");
    stage.harness.click("lesson_quiz_looks");
    CHECK(stage.taken() == "quiz looks");
    CHECK(faults_of_frame(stage.harness).empty());
}

TEST_CASE("lessons: the invitation starts the first lesson or is put away") {
    Snapshot snapshot = sample_snapshot({2, 2, 5, 0});
    snapshot.settings.invites_to_lessons = true;
    ViewStage stage("lesson", snapshot, SampleValues::Mode::Ready, 900, 40);
    stage.harness.click("lesson_invitation");
    CHECK(stage.taken() == "lesson what_attention_is");
    stage.harness.click("lesson_dismiss");
    CHECK(stage.taken() == "lesson_invitation off");
}

TEST_CASE("lessons: rings are drawn around what a step points at, and only then") {
    for (const char* view : {"head_grid", "text_box", "heatmap"}) {
        CAPTURE(view);
        Snapshot snapshot = sample_snapshot({3, 4, 9, 2});
        const int without = vertices_of(view, snapshot);
        LessonState state =
            sample_lesson("## A\nw\nlook at: head 1 2\nlook at: token 3\nlook at: cell 5 2\n");
        snapshot.parts.put(state);
        CHECK(vertices_of(view, snapshot) > without);
        state.is_setting = true;
        snapshot.parts.put(state);
        CHECK(vertices_of(view, snapshot) == without);
    }
    Snapshot snapshot = with_lesson(sample_lesson("## A\nw\nlook at: view metrics\n"));
    CHECK(is_view_marked(snapshot, "metrics"));
    CHECK_FALSE(is_view_marked(snapshot, "heatmap"));
}

TEST_CASE(
    "quiz: the hidden row is really hidden: two texts that differ in it only look alike until it is "
    "revealed") {
    for (const float scale : {1.0f, 2.0f}) {
        const auto [hidden_one, shown_one] = drawings_of_quiz(0.9f, scale);
        const auto [hidden_two, shown_two] = drawings_of_quiz(0.1f, scale);
        CHECK(hidden_one == hidden_two);
        CHECK(shown_one != shown_two);
        CHECK(shown_one != hidden_one);
    }
}

TEST_CASE("quiz: pointing at the hidden row says nothing of it") {
    ViewStage one("quiz", with_quiz(6, 0.9f, false), SampleValues::Mode::Ready, 900, 800);
    ViewStage* const stage = &one;
    stage->harness.frames(2);
    const ui::RecordedItem matrix = stage->harness.item("quiz_matrix");
    const float row = (matrix.max.y - matrix.min.y) / 7;
    stage->harness.move_mouse({matrix.min.x + 4, matrix.max.y - 0.5f * row});
    stage->harness.frames(3);
    CHECK(stage->shared.hover.sentence.empty());
    for (const ui::RecordedText& text : stage->harness.recorded_texts())
        CHECK(text.text.find("gives") == std::string::npos);
    stage->harness.move_mouse({matrix.min.x + 4, matrix.max.y - 1.5f * row});
    stage->harness.frames(3);
    bool says_row = false;
    for (const ui::RecordedText& text : stage->harness.recorded_texts())
        says_row |= text.text.find("gives") != std::string::npos;
    CHECK(says_row);
}

TEST_CASE("quiz: clicks guess, the button reveals") {
    ViewStage stage("quiz", with_quiz(6, 0.9f, false), SampleValues::Mode::Ready, 900, 900);
    stage.harness.click("quiz_token2");
    CHECK(stage.taken() == "quiz_answer 2");
    stage.harness.click("quiz_reveal");
    CHECK(stage.taken() == "quiz_reveal");
}

TEST_CASE("quiz: options are chosen or typed, probabilities come when it is revealed") {
    const int hidden = [] {
        ViewStage next("quiz", with_options(false), SampleValues::Mode::Ready, 900, 900);
        const int count = next.harness.num_vertices();
        CHECK(faults_of_frame(next.harness).empty());
        next.harness.click("quiz_option2");
        CHECK(next.taken() == "quiz_answer 2");
        next.harness.click("##quiz_typed");
        next.harness.type("dog");
        next.harness.frames(2);
        next.harness.click("quiz_guess");
        CHECK(next.taken().find("quiz_answer dog") != std::string::npos);
        return count;
    }();
    ViewStage revealed("quiz", with_options(true), SampleValues::Mode::Ready, 900, 900);
    CHECK(revealed.harness.num_vertices() > hidden);
    CHECK(faults_of_frame(revealed.harness).empty());
    revealed.harness.click("quiz_next");
    CHECK(revealed.taken() == "quiz_next");
}
