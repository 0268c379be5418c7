// Files of lessons: what is read, and what is refused with its line.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "io/lessons/read_lesson.h"
#include "session/command.h"
#include "session/lessons/claims.h"
#include "session/lessons/library.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr const char* kFront = "---\nid: mine\ntitle: Mine\nminutes: 5\n---\n";

std::string error_of(const std::string& body, const std::string& front = kFront) {
    const auto lesson = parse_lesson(front + body, "mine.md");
    return lesson ? std::string() : lesson.error().message;
}

std::string meaning_error(const std::string& body) {
    const auto lesson = parse_lesson(kFront + body, "mine.md");
    REQUIRE(lesson);
    const Status checked = check_lesson(*lesson);
    return checked ? std::string() : checked.error().message;
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("lesson files: everything that the grammar knows is read") {
    const auto lesson = parse_lesson(
        "---\r\nid: my_own-1\r\ntitle: Two things: one\r\nsummary: s\r\nminutes: 12\r\nmodel: any\r\n---\r\n"
        "\r\n```scene\r\ntext \"a b\"\r\n# a remark\r\n```\r\n"
        "## First\r\nOne line\r\nand its rest.\r\n\r\nAnother.\r\n```scene\r\nselect 1 2\r\n```\r\n"
        "look at: view heatmap\r\nlook at: head 1 5\r\nlook at: head 1.5\r\nlook at: token 7\r\nlook at: key "
        "3\r\n"
        "look at: cell 12 4\r\nclaim: tokens = 3\r\nclaim: weight 0.0 1 0 > 0.5\r\n"
        "question: Which?\r\nchoice: this\r\nchoice: that\r\nanswer: choice 2\r\nright: Yes.\r\nhint: No.\r\n"
        "## Second\r\nWords.\r\nquestion: How many?\r\nanswer: number tokens within 0.5\r\n",
        "x.md");
    REQUIRE_MESSAGE(lesson, lesson.error().message);
    CHECK(lesson->id == "my_own-1");
    CHECK(lesson->title == "Two things: one");
    CHECK(lesson->model == "any");
    CHECK(lesson->minutes == 12);
    CHECK(lesson->source == "x.md");
    REQUIRE(lesson->scene.size() == 1);
    CHECK(lesson->scene[0].words == "text \"a b\"");
    CHECK(lesson->scene[0].line == 10);
    REQUIRE(lesson->steps.size() == 2);
    const LessonStep& first = lesson->steps[0];
    CHECK(first.title == "First");
    CHECK(first.paragraphs == std::vector<std::string>{"One line and its rest.", "Another."});
    REQUIRE(first.marks.size() == 6);
    CHECK(first.marks[0].view == "heatmap");
    CHECK(first.marks[1] == first.marks[2]);
    CHECK(first.marks[1].head == HeadId{1, 5});
    CHECK(first.marks[3].query == 7);
    CHECK(first.marks[4].key == 3);
    CHECK(first.marks[5].query == 12);
    CHECK(first.marks[5].key == 4);
    CHECK(first.claims.size() == 2);
    REQUIRE(first.question);
    CHECK(first.question->kind == LessonQuestion::Kind::Choice);
    CHECK(first.question->choices.size() == 2);
    CHECK(first.question->right == "Yes.");
    REQUIRE(lesson->steps[1].question);
    CHECK(lesson->steps[1].question->answer == "tokens within 0.5");
    CHECK(check_lesson(*lesson));
}

TEST_CASE("lesson files: what is wrong is said with its line") {
    CHECK(has(error_of("", "no front"), "line 1"));
    CHECK(has(error_of("", "---\nid: a\n"), "not closed"));
    CHECK(has(error_of("", "---\nid: a\n---\n"), "title"));
    CHECK(has(error_of("", "---\nid: A b\n"), "line 2"));
    CHECK(has(error_of("", "---\ncolour: red\n"), "colour"));
    CHECK(has(error_of("", "---\nminutes: 0\n"), "1 to 600"));
    CHECK(has(error_of(""), "no step"));
    CHECK(has(error_of("words\n"), "line 6"));
    CHECK(has(error_of("##\n"), "heading"));
    CHECK(has(error_of("## A\n## B\nw\n"), "says nothing"));
    CHECK(has(error_of("## A\nw\n```scene\nfit\n"), "line 8"));
    CHECK(has(error_of("## A\nw\n```sh\nfit\n```\n"), "```scene"));
    CHECK(has(error_of("## A\nw\nlook at: the cat\n"), "look at"));
    CHECK(has(error_of("## A\nw\nlook at: cell 1\n"), "cell QUERY KEY"));
    CHECK(has(error_of("## A\nw\nlook at: head 99999999 1\n"), "LAYER HEAD"));
    CHECK(has(error_of("## A\nw\nclaim:\n"), "says nothing"));
    CHECK(has(error_of("## A\nw\nquestion: q\n"), "no “answer"));
    CHECK(has(error_of("## A\nw\nquestion: q\nquestion: p\n"), "one question"));
    CHECK(has(error_of("## A\nw\nanswer: number 1\n"), "behind “question"));
    CHECK(has(error_of("## A\nw\nquestion: q\nanswer: colour red\n"), "one answer"));
    CHECK(has(error_of("## A\nw\nquestion: q\nanswer: choice 3\nchoice: a\nchoice: b\n"),
              "names one of the 2"));
    CHECK(has(error_of("## A\nw\nquestion: q\nanswer: number 3\nchoice: a\n"), "belong together"));
    CHECK(has(error_of("## A\nw\nquestion: q\nanswer: number\n"), "only its kind"));
}

TEST_CASE("lesson files: hostile ones are bounded") {
    CHECK(has(error_of(std::string(kMostLessonBytes, 'x')), "at most"));
    CHECK(has(error_of("## A\n" + std::string(kMostLessonLineBytes + 1, 'x')), "bytes"));
    CHECK(has(error_of("## A\n\xFF\xFE\n"), "UTF-8"));
    CHECK(has(error_of(std::string("## A\n\0\n", 7)), "control"));
    std::string many, lines = "## A\nw\n", words = "## A\n", choices = "## A\nw\nquestion: q\n";
    for (std::size_t i = 0; i <= kMostLessonSteps; ++i)
        many += "## A\nw\n";
    for (std::size_t i = 0; i <= kMostLessonLines; ++i)
        lines += "claim: tokens\n";
    for (int i = 0; i < 3; ++i)
        words += std::string(1000, 'x') + "\n";
    for (std::size_t i = 0; i <= kMostLessonChoices; ++i)
        choices += "choice: c\n";
    CHECK(has(error_of(many), "steps"));
    CHECK(has(error_of(lines), "claims"));
    CHECK(has(error_of(words), "bytes of text"));
    CHECK(has(error_of(choices), "choices"));
}

TEST_CASE("lesson files: commands, claims and answers must mean something, and a lesson touches no file") {
    CHECK(meaning_error("## A\nw\nclaim: weight 0.1 2 3 > 0.5\nclaim: tag 0.1 induction\n").empty());
    CHECK(has(meaning_error("## A\nw\n```scene\nnonsense\n```\n"), "line 9"));
    for (const char* command :
         {"screenshot a.png", "open /etc", "save_heads x", "quit", "lesson a", "save_paths x", "tokenizer /x",
          "quiz", "save_rule a", "parity x", "full_screen", "compare_with x"})
        CHECK_MESSAGE(
            has(meaning_error(std::string("## A\nw\n```scene\n") + command + "\n```\n"), "cannot run"),
            command);
    CHECK(has(meaning_error("## A\nw\n```scene\nselect 1\n```\n"), "select LAYER HEAD"));
    CHECK(has(meaning_error("## A\nw\nclaim: beauty 0.1 > 1\n"), "no measure"));
    CHECK(has(meaning_error("## A\nw\nclaim: weight 0.1 2\n"), "words are missing"));
    CHECK(has(meaning_error("## A\nw\nclaim: weight x 2 3\n"), "LAYER.HEAD"));
    CHECK(has(meaning_error("## A\nw\nclaim: weight 0.1 2 3 ~ 4\n"), "expected >"));
    CHECK(has(meaning_error("## A\nw\nclaim: tokens = 3 within x\n"), "tolerance"));
    CHECK(has(meaning_error("## A\nw\nquestion: q\nanswer: head x\n"), "LAYER.HEAD"));
    CHECK(has(meaning_error("## A\nw\nquestion: q\nanswer: head best tokens\n"), "without the head"));
    CHECK(has(meaning_error("## A\nw\nquestion: q\nanswer: token somewhere\n"), "no measure"));
}

TEST_CASE("lesson files: a file, a folder with a page beside lessons, and what is not there") {
    const std::string folder = fresh_dir("lessons");
    CHECK(has(read_lessons(folder).error().message, "no file"));
    std::ofstream(folder + "/b.md") << kFront << "## A\nw\n";
    std::ofstream(folder + "/a.md") << kFront << "## First\nw\n";
    std::ofstream(folder + "/README.md") << "# About these\n";
    const auto both = read_lessons(folder);
    REQUIRE(both);
    REQUIRE(both->size() == 2);
    CHECK(both->front().steps[0].title == "First");
    CHECK(read_lessons(folder + "/b.md")->size() == 1);
    CHECK(read_lessons(folder + "/none.md").error().kind == ErrorKind::Missing);
    CHECK_FALSE(read_lessons("/dev/zero"));
}

TEST_CASE("lesson files: all that come with the program are sound, of a good length, with questions") {
    REQUIRE(bundled_lessons().size() == 8);
    for (const LessonPtr& lesson : bundled_lessons()) {
        CAPTURE(lesson->id);
        CHECK(lesson->model == "demo");
        CHECK(lesson->minutes > 0);
        CHECK_FALSE(lesson->summary.empty());
        CHECK(lesson->steps.size() >= 5);
        CHECK(lesson->steps.size() <= 9);
        int num_questions = 0;
        for (const LessonStep& step : lesson->steps) {
            num_questions += step.question ? 1 : 0;
            CHECK_MESSAGE(!step.claims.empty(), step.title, " says nothing that can be checked");
            CHECK_MESSAGE(!step.marks.empty(), step.title, " points at nothing");
            if (step.question) CHECK_FALSE(step.question->hint.empty());
            std::size_t num_bytes = 0;
            for (const std::string& paragraph : step.paragraphs)
                num_bytes += paragraph.size();
            CHECK_MESSAGE(num_bytes < 520, step.title, " is long for a card: ", num_bytes);
        }
        CHECK(num_questions >= 2);
        CHECK(num_questions <= 3);
    }
}
