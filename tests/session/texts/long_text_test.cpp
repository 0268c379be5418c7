// A text of more tokens than the model was made for: cut, or run all the same.
#include <fmt/format.h>

#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/snapshot_faults.h"

using namespace headlight;
using namespace headlight::test;
using Ids = std::vector<std::int32_t>;

namespace {

/// The fake model takes 16 tokens: "1 2 ... `last`".
std::string numbers_to(int last) {
    std::string out;
    for (int i = 1; i <= last; ++i)
        out += fmt::format("{}{}", i > 1 ? " " : "", i);
    return out;
}

Ids ids_between(int first, int last) {
    Ids out;
    for (int i = first; i <= last; ++i)
        out.push_back(i);
    return out;
}

Status run(SessionFixture& f, const std::string& name, std::vector<std::string> arguments) {
    RecordingShell shell;
    CommandContext context{f.session, shell};
    HEADLIGHT_CHECK(run_command(context, {name, std::move(arguments)}));
    CHECK(f.settle());
    CHECK(snapshot_faults(f.now()).empty());
    return {};
}

}  // namespace

TEST_CASE("long text: the window says what is too long and what helps, without options of a command line") {
    SessionFixture f;
    f.open();
    REQUIRE(run(f, "text", {numbers_to(20)}));
    REQUIRE(f.now().text_problem);
    const TextProblem& problem = *f.now().text_problem;
    CHECK(problem.reason == "the text has 20 tokens, but fake was made for at most 16");
    CHECK(problem.can_cut);
    CHECK(problem.can_run_beyond);
    CHECK_FALSE(problem.may_run_again);
}

TEST_CASE("long text: it is cut at the end or the start, and undo brings it back") {
    SessionFixture f;
    f.open();
    REQUIRE(run(f, "text", {"7 8"}));
    REQUIRE(run(f, "text", {numbers_to(20)}));
    REQUIRE(run(f, "cut", {"end"}));
    CHECK(ids_of(f.now()) == ids_between(1, 16));
    CHECK(f.now().typed_text == numbers_to(16));
    CHECK_FALSE(f.now().text_problem);
    CHECK_FALSE(f.now().is_stale);
    f.session.undo();
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == numbers_to(20));
    REQUIRE(run(f, "cut", {"start"}));
    CHECK(ids_of(f.now()) == ids_between(5, 20));
    f.session.take_notices();
    REQUIRE(run(f, "cut", {"end"}));  // it is short enough now
    CHECK(ids_of(f.now()) == ids_between(5, 20));
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK((notices[0].text + notices[0].details).find("nothing is to be cut") != std::string::npos);
    CHECK_FALSE(run(f, "cut", {"middle"}));
}

TEST_CASE("long text: it runs all the same when that is wished, until it is not") {
    SessionFixture f;
    f.open();
    REQUIRE(run(f, "text", {numbers_to(20)}));
    CHECK(f.now().text_problem);
    REQUIRE(run(f, "beyond", {"on"}));
    CHECK(f.now().model->runs_beyond);
    CHECK(ids_of(f.now()) == ids_between(1, 20));
    CHECK_FALSE(f.now().text_problem);
    REQUIRE(run(f, "beyond", {"off"}));
    REQUIRE(f.now().text_problem);
    CHECK(f.now().text_problem->can_run_beyond);
    CHECK(f.now().is_text_left_over());
    CHECK_FALSE(run(f, "beyond", {"perhaps"}));
}
