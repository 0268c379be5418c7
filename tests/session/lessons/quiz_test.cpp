// The quiz on the bundled demo: questions, guesses, score; another text asks anew.
#include <algorithm>
#include <set>

#include "session/lessons/lesson_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr const char* kQuizText = "text \"Mr. Darcy looked at Elizabeth, and Elizabeth looked at Mr. Darcy\"";

}  // namespace

TEST_CASE("quiz: the next token has one right option, the model's first; the order says nothing") {
    LessonStage stage;
    stage.run("open " + LessonStage::demo());
    stage.run(kQuizText);
    stage.run("quiz next");
    std::set<int> places, positions;
    for (int question = 0; question < 12; ++question) {
        const QuizState& quiz = stage.quiz();
        REQUIRE(quiz.is_ready);
        CHECK(quiz.number == question + 1);
        CHECK(quiz.options.size() >= 3);
        CHECK(quiz.at >= 1);
        const auto best =
            std::max_element(quiz.options.begin(), quiz.options.end(),
                             [](const auto& a, const auto& b) { return a.probability < b.probability; });
        CHECK(quiz.best == best - quiz.options.begin());
        const auto reading = read_measure(*stage.session, [&] {
            std::vector<std::string> words{"top_prediction", std::to_string(quiz.at), best->shown};
            std::span<const std::string> rest = words;
            return *take_measure(rest);
        }());
        CHECK(reading.value == 1);
        places.insert(quiz.best);
        positions.insert(quiz.at);
        stage.run("quiz_next");
    }
    CHECK(places.size() > 1);
    CHECK(positions.size() > 4);
    CHECK(stage.quiz().num_asked == 0);  // nothing was revealed
}

TEST_CASE("quiz: guesses by number and by word are counted when they are revealed, once") {
    LessonStage stage;
    stage.run("open " + LessonStage::demo());
    stage.run(kQuizText);
    CHECK_FALSE(stage.try_run("quiz_reveal"));
    stage.run("quiz next");
    const int best = stage.quiz().best;
    CHECK_FALSE(stage.try_run("quiz_answer 99"));
    stage.run("quiz_answer " + std::to_string(best + 1));
    stage.run("quiz_reveal");
    stage.run("quiz_reveal");
    CHECK(stage.quiz().num_asked == 1);
    CHECK(stage.quiz().num_right == 1);
    stage.run("quiz_answer 1");  // too late
    CHECK(stage.quiz().guess == best);
    stage.run("quiz_next");
    CHECK(stage.quiz().number == 2);
    CHECK_FALSE(stage.quiz().is_revealed);
    stage.run("quiz_answer zebra");
    CHECK(stage.quiz().typed == "zebra");
    stage.run("quiz_reveal");
    CHECK(stage.quiz().num_asked == 2);
    CHECK(stage.quiz().num_right == 1);
    stage.run("quiz_next");
    const QuizOption option = stage.quiz().options[0];
    stage.run("quiz_answer \"" + option.shown + "\"");
    CHECK(stage.quiz().guess == 0);
    stage.run("quiz off");
    CHECK_FALSE(stage.quiz().is_on);
}

TEST_CASE("quiz: where a head looks is asked of telling rows, and the answer is the row's largest key") {
    LessonStage stage;
    stage.run("open " + LessonStage::demo());
    stage.run(kQuizText);
    stage.run("quiz looks");
    for (int question = 0; question < 8; ++question) {
        const QuizState& quiz = stage.quiz();
        REQUIRE(quiz.is_ready);
        std::vector<float> row(static_cast<std::size_t>(stage.now().text->trace->num_keys()));
        stage.now().text->trace->rows(quiz.head.layer, quiz.head.head, quiz.at, quiz.at + 1, row);
        const auto largest = std::max_element(row.begin(), row.end());
        CHECK(quiz.best == largest - row.begin());
        CHECK(quiz.best != 0);
        CHECK(*largest >= 0.3f);
        stage.run("quiz_answer " + std::to_string(quiz.best));
        stage.run("quiz_reveal");
        stage.run("quiz_next");
    }
    CHECK(stage.quiz().num_right == 8);
    CHECK_FALSE(stage.try_run("quiz_answer word"));
}

TEST_CASE("quiz: another text asks anew and keeps the score; a short one says so") {
    LessonStage stage;
    stage.run("open " + LessonStage::demo());
    stage.run(kQuizText);
    stage.run("quiz looks");
    stage.run("quiz_reveal");
    stage.run("text \"And God said, Let there be light: and there was light.\"");
    CHECK(stage.quiz().is_ready);
    CHECK_FALSE(stage.quiz().is_revealed);
    CHECK(stage.quiz().num_asked == 1);
    CHECK(stage.quiz().text_id == stage.now().text->id);
    stage.run("quiz next");
    stage.run("text \"\"");
    CHECK_FALSE(stage.quiz().is_ready);
}
