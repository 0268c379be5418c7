// Words found in the tokens, and tokens by their number.
#include "session/find/token_search.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

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
