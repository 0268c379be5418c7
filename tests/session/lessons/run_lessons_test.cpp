// Every lesson on the bundled demo with the real engine: its commands run, what it says is so, its answers
// are right.
#include <algorithm>

#include "io/lessons/read_lesson.h"
#include "session/lessons/lesson_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// "line 12: weight 1.5 12 4 > 0.8: found 0.31 beside 0.8" for each claim that does not hold.
std::string false_claims(const LessonState& state) {
    std::string out;
    for (const ClaimCheck& check : state.checks) {
        if (check.state == Reading::State::Ready && check.holds) continue;
        out += "\n  " + check.words + ": " + check.found;
    }
    return out;
}

void check_marks(const LessonStage& stage) {
    const AttentionTrace& trace = *stage.now().text->trace;
    for (const LessonMark& mark : stage.lesson().shown().marks) {
        CHECK(mark.query < trace.num_queries());
        CHECK(mark.key < trace.num_keys());
        CHECK(mark.key <= std::max(mark.query, mark.key));
        CHECK(mark.head.layer < trace.num_layers());
        CHECK(mark.head.head < trace.num_heads());
        if (mark.kind == LessonMark::Kind::Cell) CHECK(mark.key <= mark.query);
    }
}

/// As it would be typed or chosen.
std::string answer_of(LessonStage& stage, const LessonQuestion& question) {
    if (question.kind == LessonQuestion::Kind::Choice) return question.answer;
    const AnswerCheck check = check_answer(*stage.session, question, {});
    REQUIRE_MESSAGE(check.state == Reading::State::Ready, check.problem);
    return check.expected.substr(0, check.expected.find(','));
}

void check_question(LessonStage& stage) {
    using Kind = LessonQuestion::Kind;
    const LessonQuestion question = *stage.lesson().shown().question;
    CAPTURE(question.text);
    CHECK_FALSE(stage.lesson().answer().is_settled());
    if (question.kind == Kind::Head || question.kind == Kind::Token) {
        stage.run("lesson_answer");  // what the scene has chosen must not give it away
        CHECK_FALSE(stage.lesson().answer().is_right);
        CHECK(stage.lesson().answer().num_tries == 1);
    }
    const std::string right = answer_of(stage, question);
    const std::string wrong = question.kind == Kind::Head     ? "3.5"
                              : question.kind == Kind::Choice ? (right == "1" ? "2" : "1")
                                                              : "99999";
    stage.run("lesson_answer " + wrong);
    CHECK_FALSE(stage.lesson().answer().is_right);
    CHECK(stage.lesson().answer().expected.empty());
    stage.run("lesson_answer " + right);
    CHECK_MESSAGE(stage.lesson().answer().is_right, "the answer ", right, " should be right");
    CHECK_FALSE(stage.lesson().answer().expected.empty());
}

void check_lesson_run(const std::string& id) {
    LessonStage stage;
    stage.run("lesson " + id + " 1");
    const LessonPtr lesson = stage.lesson().lesson;
    REQUIRE(lesson);
    for (std::size_t step = 0; step < lesson->steps.size(); ++step) {
        CAPTURE(lesson->steps[step].title);
        CHECK(stage.lesson().step == static_cast<int>(step));
        CHECK_MESSAGE(stage.lesson().problem.empty(), stage.lesson().problem);
        REQUIRE(stage.now().text);
        CHECK_FALSE(stage.now().is_stale);
        CHECK(stage.lesson().checks.size() == lesson->steps[step].claims.size());
        const std::string faults = false_claims(stage.lesson());
        CHECK_MESSAGE(faults.empty(), faults);
        check_marks(stage);
        if (lesson->steps[step].question) check_question(stage);
        for (const Notice& notice : stage.session->take_notices())
            CHECK_MESSAGE(notice.level == Notice::Level::Info, notice.text);
        stage.run("lesson_next");
    }
    CHECK_FALSE(stage.lesson().lesson);
    CHECK(stage.lesson().shows_list);
    CHECK(stage.now().settings.lessons.at(id).is_done);
}

constexpr const char* kOwnFront =
    "---\nid: own\ntitle: Own\n---\n```scene\ntext \"Mr. Darcy looked at Elizabeth\"\n```\n";

LessonPtr own_lesson(const std::string& steps) {
    auto lesson = parse_lesson(kOwnFront + steps, "own.md");
    REQUIRE_MESSAGE(lesson, lesson.error().message);
    const Status checked = check_lesson(*lesson);
    REQUIRE_MESSAGE(checked, checked.error().message);
    return std::make_shared<const Lesson>(std::move(*lesson));
}

}  // namespace

#define HEADLIGHT_LESSON(name)                                  \
    TEST_CASE("lessons: " #name " says what the numbers say") { \
        check_lesson_run(#name);                                \
    }
#include "session/lessons/lessons.def"
#undef HEADLIGHT_LESSON

TEST_CASE("lessons: a claim that is false is found, and one that cannot be measured") {
    LessonStage stage;
    start_lesson(
        *stage.session,
        own_lesson("## A\nw\nclaim: tokens = 13\nclaim: tokens = 14\nclaim: weight 0.2 5 4 < 0.5\n"
                   "claim: loss_rise > 0\nclaim: weight 9.9 1 0 > 0\nclaim: top_prediction last \"zzz\"\n"),
        0);
    stage.settle();
    const auto& checks = stage.lesson().checks;
    REQUIRE(checks.size() == 6);
    CHECK(checks[0].holds);
    CHECK_FALSE(checks[1].holds);
    CHECK(checks[1].found == "found 13 beside 14");
    CHECK_FALSE(checks[2].holds);
    CHECK_FALSE(checks[3].holds);
    CHECK(checks[3].found == "no attention is replaced");
    CHECK(checks[4].found == "there is no head L9H9");
    CHECK_FALSE(checks[5].holds);
    CHECK_FALSE(false_claims(stage.lesson()).empty());
}

TEST_CASE("lessons: numbers of claims are those of the trace") {
    LessonStage stage;
    start_lesson(*stage.session, own_lesson("## A\nw\n"), 0);
    stage.settle();
    const AttentionTrace& trace = *stage.now().text->trace;
    const std::vector<float> matrix = trace.matrix(1, 3);
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    const std::string cell = fmt::format("weight 1.3 12 2 = {}", matrix[12 * num_keys + 2]);
    CHECK(check_claim(*stage.session, cell + " within 1e-6").holds);
    double first = 0;
    for (std::size_t query = 1; query < num_keys; ++query)
        first += static_cast<double>(matrix[query * num_keys]) / static_cast<double>(num_keys - 1);
    CHECK(check_claim(*stage.session, fmt::format("metric 1.3 first_token_mass = {} within 1e-5", first))
              .holds);
    stage.run("weights no-sink");
    CHECK(check_claim(*stage.session, "weight 1.3 12 0 = 0").holds);
}

TEST_CASE("lessons: leaving one brings back model, text, selection, replaced heads, view and undo") {
    LessonStage stage;
    stage.run("open " + LessonStage::demo());
    stage.run("text \"My own words\"");
    stage.run("text \"My own words are these\"");
    stage.run("select 2 3");
    stage.run("query 2");
    stage.run("ablate uniform 0 1");
    stage.run("weights no-sink");
    stage.run("workspace cause");
    stage.run("unit word");
    const Selection chosen = stage.now().token_selection;
    const auto replaced = *stage.now().interventions;
    const Settings settings = stage.now().settings;
    stage.run("lesson switching_off 2");
    CHECK(stage.now().typed_text != "My own words are these");
    CHECK(stage.now().unit() == TextUnit::Token);
    stage.run("lesson_next");
    stage.run("theme light");
    stage.run("lesson_end");
    CHECK_FALSE(stage.lesson().is_open());
    CHECK(stage.now().typed_text == "My own words are these");
    CHECK(stage.now().token_selection == chosen);
    REQUIRE(stage.now().interventions);
    CHECK(stage.now().interventions->size() == replaced.size());
    CHECK(stage.now().interventions->front().heads == replaced.front().heads);
    CHECK(stage.now().settings.workspace == "cause");
    CHECK(stage.now().settings.weights_shown == WeightsShown::NoSink);
    CHECK(stage.now().settings.text_unit == TextUnit::Word);
    CHECK(stage.now().settings.last_text == settings.last_text);
    CHECK(stage.now().settings.theme == Theme::Light);  // the window's own
    CHECK(stage.now().settings.lessons.at("switching_off").step == 2);
    // Undo goes on where it was before the lesson.
    for (int step = 0; step < 4; ++step)
        stage.run("undo");
    CHECK(stage.now().typed_text.starts_with("My own words"));
}

TEST_CASE("lessons: another model comes back, and so does nothing where nothing was open") {
    LessonStage stage;
    const std::string other = own_fixture("gpt2");
    stage.run("open " + other);
    const std::string name = stage.now().model->spec.name, text = stage.now().typed_text;
    stage.run("lesson what_attention_is 1");
    CHECK(stage.now().model->spec.name != name);
    stage.run("lesson sink 1");  // the way back is still that of the first
    stage.run("lesson_end");
    CHECK(stage.now().model->spec.name == name);
    CHECK(stage.now().typed_text == text);
    LessonStage empty;
    empty.run("lesson sink 1");
    CHECK(empty.lesson().problem.empty());
    empty.run("lesson_end");
    CHECK_FALSE(empty.lesson().is_open());
    CHECK(empty.now().settings.last_text.empty());
}

TEST_CASE("lessons: what was tried in between is set right by the next step, and by lesson_show") {
    LessonStage stage;
    stage.run("lesson previous_token 2");
    const std::string text = stage.now().typed_text;
    stage.run("text \"Something else\"");
    stage.run("select 3 3");
    stage.run("form lines");
    stage.run("lesson_show");
    CHECK(stage.now().typed_text == text);
    CHECK(stage.now().selection.head == HeadId{0, 2});
    CHECK(stage.now().settings.head_form == "matrix");
    CHECK(false_claims(stage.lesson()).empty());
    stage.run("ablate zero all");
    stage.run("lesson_back");
    CHECK(stage.lesson().step == 0);
    CHECK_FALSE(stage.now().has_interventions());
    stage.run("lesson_back");
    CHECK(stage.lesson().step == 0);
}

TEST_CASE("lessons: an answer can be shown, wrong words are refused") {
    LessonStage stage;
    CHECK_FALSE(stage.try_run("lesson_next"));
    CHECK_FALSE(stage.try_run("lesson_answer 4"));
    CHECK(stage.try_run("lesson nowhere").error().message.find("what_attention_is") != std::string::npos);
    stage.run("lesson what_attention_is 1");
    CHECK_FALSE(stage.try_run("lesson_answer many"));
    CHECK_FALSE(stage.try_run("lesson_answer"));
    stage.run("lesson_reveal");
    CHECK(stage.lesson().answer().is_revealed);
    CHECK_FALSE(stage.lesson().answer().is_right);
    CHECK(stage.lesson().answer().expected == "4");
    stage.run("lesson_answer 4");
    CHECK_FALSE(stage.lesson().answer().is_right);  // too late
    CHECK(stage.now().settings.lessons.at("what_attention_is").num_right == 0);
    stage.run("lesson reading_a_heatmap 1");
    stage.run("lesson_answer \"30 %\"");
    CHECK(stage.lesson().answer().is_right);
    CHECK(stage.now().settings.lessons.at("reading_a_heatmap").num_right == 1);
}

TEST_CASE("lessons: progress outlives the program, the invitation comes at a first start only") {
    const std::string path = fresh_dir("lesson_settings") + "/settings.json";
    {
        LessonStage stage(path);
        CHECK(stage.now().settings.invites_to_lessons);
        stage.run("lesson heads_differ 4");
        CHECK_FALSE(stage.now().settings.invites_to_lessons);
    }
    LessonStage again(path);
    CHECK_FALSE(again.now().settings.invites_to_lessons);
    CHECK(again.now().settings.lessons.at("heads_differ").step == 3);
    again.run("lesson heads_differ");
    CHECK(again.lesson().step == 3);
    const std::string other = fresh_dir("lesson_settings_2") + "/settings.json";
    {
        LessonStage stage(other);
        stage.run("lesson_invitation off");
    }
    CHECK_FALSE(LessonStage(other).now().settings.invites_to_lessons);
}

TEST_CASE("lessons: a file of one's own is read, listed and replaced; a broken one is said") {
    const std::string folder = fresh_dir("own_lessons");
    const auto write = [&](const std::string& name, const std::string& text) {
        std::FILE* file = std::fopen((folder + "/" + name).c_str(), "wb");
        REQUIRE(file);
        std::fwrite(text.data(), 1, text.size(), file);
        std::fclose(file);
    };
    write("one.md", std::string(kOwnFront) + "## First\nw\nclaim: tokens = 13\n");
    LessonStage stage;
    stage.run("lesson " + folder + "/one.md");
    stage.settle();
    REQUIRE(stage.lesson().lesson);
    CHECK(stage.lesson().lesson->id == "own");
    CHECK(false_claims(stage.lesson()).empty());
    write("two.md", "---\nid: two\ntitle: Two\nmodel: any\n---\n## Second\nw\n");
    stage.run("lesson " + folder + "/");
    CHECK(stage.lesson().shows_list);
    CHECK(stage.lesson().own.size() == 2);
    stage.run("lesson two");
    CHECK(stage.lesson().lesson->title == "Two");
    write("two.md", "---\nid: two\ntitle: Two\n---\n## Second\nw\n```scene\nquit\n```\n");
    stage.session->take_notices();
    stage.run("lesson " + folder + "/two.md");
    const auto notices = stage.session->take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].text.find("cannot run 'quit'") != std::string::npos);
    CHECK(stage.lesson().lesson->title == "Two");  // what was open stays
}
