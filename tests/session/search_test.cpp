// The search in the window: follows strokes, rules and the text, and goes with it.
#include "session/tasks/search.h"

#include <filesystem>

#include "session/belonging.h"
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/tasks/generation.h"

using namespace headlight;
using namespace headlight::test;

namespace {

const SearchState& state_of(const SessionFixture& f) {
    return f.now().part<SearchState>();
}

Status run(Session& session, const std::string& line) {
    RecordingShell shell;
    CommandContext context{session, shell};
    const auto call = parse_command(line);
    if (!call) return fail(call.error());
    REQUIRE(*call);
    return run_command(context, **call);
}

}  // namespace

TEST_CASE("search: a drawing is compared with every head, best first") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4 5 6");
    REQUIRE(f.settle());
    REQUIRE(run(f.session, "draw stripe 1"));
    CHECK(state_of(f).running);
    REQUIRE(f.settle());
    const SearchState& first = state_of(f);
    CHECK(!first.running);
    CHECK(first.is_of(f.now().text->id));
    REQUIRE(first.result);
    CHECK(first.pairs->size() == 5);
    CHECK(first.result->heads.size() == f.now().text->trace->grid().size());
    REQUIRE(first.best);
    CHECK(first.best->size() == first.result->heads.size());
    const auto best = first.best_head();
    REQUIRE(best);
    for (const HeadFit& fit : first.result->heads)
        CHECK(fit.mass.value_or(0) <= *first.result->head(*best).mass);

    // Strokes come and go.
    REQUIRE(run(f.session, "draw column 0"));
    REQUIRE(run(f.session, "draw erase box 0 2 0 5"));
    REQUIRE(f.settle());
    CHECK(state_of(f).strokes.size() == 3);
    REQUIRE(run(f.session, "draw undo"));
    REQUIRE(run(f.session, "draw undo"));
    CHECK(state_of(f).strokes.size() == 1);
    REQUIRE(run(f.session, "draw redo"));
    CHECK(state_of(f).strokes.size() == 2);
    REQUIRE(run(f.session, "draw replace column 1"));
    CHECK(state_of(f).strokes.size() == 2);
    CHECK(state_of(f).strokes.back().first_key == 1);
    CHECK(!run(f.session, "draw redo"));
    CHECK(!run(f.session, "draw circle"));
    REQUIRE(f.settle());
    REQUIRE(run(f.session, "draw clear"));
    REQUIRE(f.settle());
    CHECK(state_of(f).is_empty());
    CHECK(!state_of(f).result);
    CHECK(!run(f.session, "draw clear"));
}

TEST_CASE("search: of another text nothing stays; it is looked for again when somebody looks") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    REQUIRE(run(f.session, "search_rule same token or offset 1"));
    REQUIRE(f.settle());
    REQUIRE(state_of(f).result);
    f.session.set_text("1 2 1 2 5");
    REQUIRE(f.settle());
    CHECK(!state_of(f).result);
    CHECK(state_of(f).rule == "same token or offset 1");
    refresh_search(f.session);
    REQUIRE(f.settle());
    REQUIRE(state_of(f).result);
    CHECK(state_of(f).pairs->size() == 4 + 2);
    refresh_search(f.session);
    CHECK(!state_of(f).running);  // it is there
}

TEST_CASE("search: a rule with a mistake says so and has no result") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    REQUIRE(run(f.session, "search_rule key: nonsense"));
    REQUIRE(f.settle());
    CHECK(state_of(f).error.find("character 6") != std::string::npos);
    CHECK(!state_of(f).result);
    REQUIRE(run(f.session, "search_rule same token"));
    REQUIRE(f.settle());
    CHECK(state_of(f).error.find("no pair") != std::string::npos);
    REQUIRE(run(f.session, "search_rule \"\""));
    CHECK(state_of(f).error.empty());
    CHECK(state_of(f).is_empty());
}

TEST_CASE("search: order, null, the best head chosen") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4 5 6 7 8");
    REQUIRE(f.settle());
    CHECK(!run(f.session, "best_fit"));
    REQUIRE(run(f.session, "draw box 4 7 1 2"));
    REQUIRE(f.settle());
    for (const char* order : {"kappa", "cosine", "pearson", "mass"}) {
        REQUIRE(run(f.session, std::string("search_by ") + order));
        const auto best = state_of(f).best_head();
        if (!best) continue;  // even heads have no correlation
        for (const HeadFit& fit : state_of(f).result->heads)
            CHECK(fit_value(fit, state_of(f).order).value_or(-9) <=
                  *fit_value(state_of(f).result->head(*best), state_of(f).order));
    }
    REQUIRE(run(f.session, "best_fit 2"));
    CHECK(f.now().selection.head == *state_of(f).best_head(1));
    CHECK(!run(f.session, "best_fit 0"));
    CHECK(!run(f.session, "best_fit 9999"));
    CHECK(!run(f.session, "search_by nothing"));
    REQUIRE(run(f.session, "search_null rows"));
    CHECK(state_of(f).shows_rows_null);
    f.session.set_query(5);
    f.session.set_key(2);
    REQUIRE(run(f.session, "draw row query"));
    CHECK(state_of(f).strokes.back().first_query == 5);
    REQUIRE(run(f.session, "draw column key"));
    CHECK(state_of(f).strokes.back().first_key == 2);
    f.session.cancel();
    REQUIRE(f.settle());
    CHECK(!state_of(f).running);
}

TEST_CASE("search: saved rules are detectors of the next text, and go again") {
    SessionFixture f;
    const std::string folder = fresh_dir("search_session");
    SessionOptions options = SessionFixture::options_of(f, std::size_t{64} << 20);
    options.settings_path = folder + "/settings.json";
    Session session(options);
    const auto state = [&]() -> const SearchState& { return session.snapshot().part<SearchState>(); };
    session.open("no_such_folder/fake");
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    session.set_text("1 2 3 1 2 3");
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    CHECK(!run(session, "save_rule nothing yet"));
    REQUIRE(run(session, "draw box 0 1 0 1"));
    CHECK(!run(session, "save_rule a box"));  // of this text alone
    REQUIRE(run(session, "draw clear"));
    REQUIRE(run(session, "draw stripe 2 2"));
    REQUIRE(run(session, "save_rule two or three back"));
    REQUIRE(run(session, "search_rule after same token"));
    REQUIRE(run(session, "save_rule copies"));
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    REQUIRE(state().saved.size() == 2);
    CHECK(state().saved[0].name == "copies");
    CHECK(state().saved[1].rule.text() == "offset 2..3");
    CHECK(std::filesystem::exists(folder + "/rules/copies.json"));
    CHECK(!run(session, "save_rule two_or three back"));  // it would take the other's file
    bool has_tag = false;
    for (const Tag& tag : session.snapshot().text->analysis.heads[0].tags)
        has_tag |= std::string(tag.detector->label) == "copies (own)";
    CHECK(has_tag);
    REQUIRE(run(session, "search_rule \"\""));
    REQUIRE(run(session, "use_rule copies"));
    CHECK(state().rule == "after same token");
    CHECK(!run(session, "use_rule others"));
    REQUIRE(run(session, "delete_rule copies"));
    REQUIRE(run(session, "delete_rule two or three back"));
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    CHECK(state().saved.empty());
    session.take_notices();
    REQUIRE(run(session, "delete_rule copies"));
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    CHECK(session.take_notices().size() == 1);
    set_own_detectors({});
}

TEST_CASE("search: the text that is run again for its rules keeps what the model wrote") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    start_writing(f.session, 2);
    REQUIRE(f.settle());
    REQUIRE(f.now().text->num_prompt == 3);
    const std::uint64_t before = f.now().text->run_id;
    REQUIRE(run(f.session, "delete_rule that is not there"));
    REQUIRE(f.settle());
    CHECK(f.now().text->run_id != before);
    CHECK(f.now().text->num_prompt == 3);
    CHECK(is_written_text(f.now().part<WritingState>(), f.now().text.get()));
    f.world->run_error = "no memory";  // a text that fails is not run again for them
    f.session.set_text("4 5");
    REQUIRE(f.settle());
    f.session.take_notices();
    REQUIRE(run(f.session, "delete_rule that is not there"));
    REQUIRE(f.settle());
    CHECK(f.session.take_notices().size() == 1);
    set_own_detectors({});
}

TEST_CASE("search: rules beside a model go with it, also when rules change while another is opened") {
    ManyModels f("search_beside");
    std::ofstream(f.words + "/headlight_rules.json")
        << R"({"format": "headlight-rules", "version": 1, "rules": [{"name": "step", "rule": "offset 1"}]})";
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK(state_of(f).saved.size() == 1);
    f.world->open_gate.close();
    f.session.open(f.sums);
    REQUIRE(run(f.session, "delete_rule that is not there"));
    f.world->open_gate.open();
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "sums");
    CHECK(state_of(f).saved.empty());
    CHECK(find_detector("own_step") == nullptr);
    set_own_detectors({});
}

TEST_CASE("search: a rule is saved though its job is cancelled, or the session ends before it") {
    SessionFixture f;
    const std::string folder = fresh_dir("search_late");
    SessionOptions options = SessionFixture::options_of(f, std::size_t{64} << 20);
    options.settings_path = folder + "/settings.json";
    auto session = std::make_unique<Session>(options);
    session->open("no_such_folder/fake");
    REQUIRE(session->wait_until_idle_blocking(kPatience));
    REQUIRE(run(*session, "search_rule offset 1"));
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    session->set_text("1 2 3");
    f.world->run_gate.wait_for_entries(before + 1);
    REQUIRE(run(*session, "save_rule step"));
    session->cancel();
    f.world->run_gate.open();
    REQUIRE(session->wait_until_idle_blocking(kPatience));
    CHECK(session->snapshot().part<SearchState>().saved.size() == 1);
    CHECK(std::filesystem::exists(folder + "/rules/step.json"));
    session->set_text("1 2 3");
    REQUIRE(run(*session, "save_rule other"));
    session.reset();
    CHECK(std::filesystem::exists(folder + "/rules/other.json"));
    set_own_detectors({});
}
