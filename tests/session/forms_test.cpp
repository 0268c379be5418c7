// Lines and scores of heads as derived values; the commands that choose the form.
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct FormsFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};

    FormsFixture() {
        open();
        session.set_text("5 6 7 8");
        REQUIRE(settle());
    }
    Status run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        return run_command(context, **call);
    }
    /// Asks until it is no longer pending.
    template <class Ask>
    auto settled(const Ask& ask) {
        ask();
        REQUIRE(settle());
        return ask();
    }
};

}  // namespace

TEST_CASE("forms: the command chooses one or the next; the rest of the settings keep their bounds") {
    FormsFixture f;
    CHECK(f.now().settings.head_form == "matrix");
    CHECK(f.run("form"));
    CHECK(f.now().settings.head_form == "lines");
    CHECK(f.run("form qk"));
    CHECK(f.now().settings.head_form == "qk");
    CHECK_FALSE(f.run("form table"));
    CHECK(f.run("line_share 55"));
    CHECK(f.now().settings.line_share == 55);
    CHECK_FALSE(f.run("line_share 100"));
    CHECK_FALSE(f.run("line_share 5"));
    CHECK(f.run("qk_sort key"));
    CHECK(f.run("qk_sort 12"));
    CHECK(f.now().settings.qk_sort == "12");
    CHECK_FALSE(f.run("qk_sort -1"));
    CHECK_FALSE(f.run("qk_sort size"));
    CHECK(f.run("qk_shown keys"));
    CHECK(f.run("thumbnails lines"));
    CHECK(f.now().settings.thumbnails == "lines");
}

TEST_CASE("lines: of the weights shown, one value a head and share") {
    FormsFixture f;
    const auto lines = f.settled([&] { return f.session.lines({0, 0}, 70); });
    REQUIRE(lines.is_ready());
    // Even rows: without the first key 1, 2 and 3 keys are left, of which 70 % take all of 1 and 2 and 3
    // of 3.
    CHECK(lines.value->levels.front().row_begin == std::vector<std::uint32_t>{0, 0, 1, 3, 6});
    CHECK(lines.value->levels.front().values[5] == doctest::Approx(0.25));
    CHECK(lines.value->sink[3] == doctest::Approx(0.25));
    const auto fewer = f.settled([&] { return f.session.lines({0, 0}, 30); });
    REQUIRE(fewer.is_ready());
    CHECK(fewer.value->levels.front().row_begin == std::vector<std::uint32_t>{0, 0, 1, 2, 3});
    REQUIRE(f.run("weights no-sink"));
    const auto without = f.settled([&] { return f.session.lines({0, 0}, 70); });
    REQUIRE(without.is_ready());
    CHECK(without.value->levels.front().values[5] == doctest::Approx(1.0 / 3));
    CHECK(without.value->sink[3] == doctest::Approx(0.25));
    CHECK(f.session.lines({9, 0}, 70).state == Derived<HeadLines>::State::Failed);
}

TEST_CASE("scores: taken apart by the pass that explains the text, and the dimensions that carry them") {
    FormsFixture f;
    const auto parts = f.settled([&] { return f.session.score_parts({1, 0}); });
    REQUIRE(parts.is_ready());
    CHECK(parts.value->num_keys == 4);
    CHECK(parts.value->head == HeadId{1, 0});
    const auto shares = f.settled([&] { return f.session.dimension_shares({1, 0}); });
    REQUIRE(shares.is_ready());
    // Parts of the dimensions grow as 0, 1, 2 and 3 times the key's place.
    for (int d = 0; d < 4; ++d)
        CHECK(shares.value->of[static_cast<std::size_t>(d)] == doctest::Approx(d / 6.0));
}

TEST_CASE("scores: refused by name where they do not exist") {
    FormsFixture f;
    CHECK(f.session.score_parts({9, 9}).state == Derived<ScoreParts>::State::Failed);
    Intervention change;
    change.mode = InterventionMode::Uniform;
    change.heads = {{0, 0}};
    f.session.add_intervention(change);
    REQUIRE(f.settle());
    const auto replaced = f.session.score_parts({1, 0});
    REQUIRE(replaced.state == Derived<ScoreParts>::State::Failed);
    CHECK(replaced.error->message.find("replaced") != std::string::npos);
    CHECK(f.session.dimension_shares({1, 0}).state == Derived<DimensionShares>::State::Failed);
}
