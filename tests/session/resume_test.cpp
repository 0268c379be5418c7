// What is open, as commands that bring it back; and words found in the tokens.
#include "session/resume.h"

#include "session/find/token_search.h"
#include "session/recording_shell.h"
#include "session/script.h"
#include "session/session_fixture.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"

using namespace headlight;
using namespace headlight::test;

namespace {

void run_script(SessionFixture& f, const std::string& text) {
    RecordingShell shell;
    CommandContext context{f.session, shell};
    auto script = Script::from_text(text, "resume");
    REQUIRE(script);
    while (!script->is_finished()) {
        REQUIRE(script->step(context));
        REQUIRE(f.settle());
    }
}

}  // namespace

TEST_CASE("resume: a second session that runs the script shows the same") {
    SessionFixture first;
    CHECK(resume_script(first.now()).empty());
    first.open();
    first.session.set_text("5 6 7 \"8\"");
    first.session.set_text("5 6 7 8");
    REQUIRE(first.settle());
    Intervention change;
    change.mode = InterventionMode::ZeroOutput;
    change.heads = {{1, 0}, {1, 2}};
    first.session.add_intervention(change);
    change.mode = InterventionMode::Scale;
    change.heads = {{0, 1}};
    change.factor = 0.5;
    first.session.add_intervention(change);
    first.session.select({1, 1});
    first.session.select({0, 2}, true);
    first.session.set_query(2);
    first.session.set_key(1);
    ask_question(first.session, AskedQuestion{-1, 3, 4});
    set_corrupted_text(first.session, "5 6 9 8");
    REQUIRE(first.settle());
    const std::string script = resume_script(first.now());

    SessionFixture second;
    run_script(second, script);
    CHECK(second.now().typed_text == "5 6 7 8");
    CHECK(second.now().selection == first.now().selection);
    REQUIRE(second.now().interventions);
    CHECK(second.now().interventions->size() == first.now().interventions->size());
    CHECK(second.now().part<QuestionState>().asked == AskedQuestion{-1, 3, 4});
    CHECK(second.now().part<PatchingState>().corrupted_text == "5 6 9 8");
    CHECK(resume_script(second.now()) == script);
}

TEST_CASE("find: words are found where they begin, without case, across tokens") {
    TokenizedText text;
    for (const char* piece : {"The ", "cat ", "sat", " on", " the", " mat"}) {
        Token token;
        token.display = token.piece = piece;
        token.byte_begin = text.text.size();
        text.text += piece;
        token.byte_end = text.text.size();
        text.tokens.push_back(token);
    }
    CHECK(find_tokens(text, "the") == std::vector<int>{0, 4});
    CHECK(find_tokens(text, "cat sat") == std::vector<int>{1});
    CHECK(find_tokens(text, "at") == std::vector<int>{1, 2, 5});
    CHECK(find_tokens(text, "dog").empty());
    CHECK(find_tokens(text, "").empty());
    Token special;
    special.display = "[MASK]";
    text.tokens.push_back(special);
    CHECK(find_tokens(text, "mask") == std::vector<int>{6});
}

TEST_CASE("go to: a token by its number, or the palette asks for one") {
    SessionFixture f;
    RecordingShell shell;
    CommandContext context{f.session, shell};
    CHECK_FALSE(run_command(context, {"go_to", {"1"}}));
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    REQUIRE(run_command(context, {"go_to", {"1"}}));
    CHECK(f.now().selection.query == 1);
    REQUIRE(run_command(context, {"go_to", {"last"}}));
    CHECK(f.now().selection.query == 3);
    CHECK(run_command(context, {"go_to", {"4"}}).error().kind == ErrorKind::InvalidInput);
    CHECK_FALSE(run_command(context, {"go_to", {"-2"}}));
    REQUIRE(run_command(context, {"go_to", {}}));
    CHECK(shell.calls.back() == "palette go_to ");
}

TEST_CASE("find: the command goes on from the query and around the end") {
    SessionFixture f;
    RecordingShell shell;
    CommandContext context{f.session, shell};
    CHECK_FALSE(run_command(context, {"find_token", {"5"}}));
    f.open();
    f.session.set_text("5 6 5 7");
    REQUIRE(f.settle());
    f.session.set_query(0);
    REQUIRE(run_command(context, {"find_token", {"5"}}));
    CHECK(f.now().selection.query == 2);
    REQUIRE(run_command(context, {"find_token", {"5"}}));
    CHECK(f.now().selection.query == 0);
    CHECK_FALSE(run_command(context, {"find_token", {"nothing"}}));
    REQUIRE(run_command(context, {"find_token", {}}));
    CHECK(shell.calls.back() == "find");
}
