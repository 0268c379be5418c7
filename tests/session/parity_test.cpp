// Comparing with a reference: a job of the session, its result and its errors.
#include "io/attention/attention_dump.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// Reference attention of ids 1, 2, 3, as another program would write it; `first_weight` is that of query 1,
/// key 0.
std::string reference_file(const std::string& folder, float first_weight) {
    AttentionDump dump;
    dump.spec = FakeWorld().spec;
    for (int id = 1; id <= 3; ++id)
        dump.tokens.tokens.push_back({id, std::to_string(id), std::to_string(id), 0, 0, false});
    TraceInfo info = uniform_trace(2, 3, 3)->info();
    std::vector<float> weights;
    for (int i = 0; i < 6; ++i) {
        const float first = i == 5 ? first_weight : 0.5f;  // the last head of the last layer
        weights.insert(weights.end(), {1, 0, 0, first, 1 - first, 0, 1.0f / 3, 1.0f / 3, 1.0f / 3});
    }
    dump.trace = make_dense_trace(info, std::move(weights));
    const std::string path = fresh_dir(folder) + "/reference.safetensors";
    REQUIRE(write_attention_dump(path, dump));
    return path;
}

}  // namespace

TEST_CASE("parity: the same attention agrees, and another one is found where it departs") {
    SessionFixture f;
    f.open();
    CHECK(f.now().part<ParityState>().task.look().state == Derived<ParityReport>::State::Pending);
    start_parity(f.session, reference_file("session_parity_same", 0.5f));
    CHECK(f.now().part<ParityState>().task.is_running());
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<ParityState>().task.is_running());
    const auto same = f.now().part<ParityState>().task.look();
    REQUIRE(same.is_ready());
    REQUIRE(same.value->layers.size() == 2);
    CHECK_FALSE(same.value->departs());
    CHECK(same.value->max_difference() == 0);

    const std::string other = reference_file("session_parity_other", 0.6f);
    start_parity(f.session, other);
    REQUIRE(f.settle());
    CHECK(f.now().part<ParityState>().path == other);
    const auto report = f.now().part<ParityState>().task.look();
    REQUIRE(report.is_ready());
    REQUIRE(report.value->first_departing);
    CHECK(*report.value->first_departing == 1);
    CHECK(report.value->layers[1].max_difference == doctest::Approx(0.1));
    CHECK(report.value->layers[1].head == 2);
    CHECK(report.value->layers[1].query == 1);

    f.open("no_such_folder/another");  // another model: the comparison was not with it
    CHECK(f.now().part<ParityState>().path.empty());
    CHECK_FALSE(f.now().part<ParityState>().task.look().value);
}

TEST_CASE("parity: a file that cannot be compared is told once and kept as the panel's sentence") {
    SessionFixture f;
    f.open();
    start_parity(f.session, "no_such_folder/reference.safetensors");
    REQUIRE(f.settle());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].level == Notice::Level::Error);
    const auto parity = f.now().part<ParityState>().task.look();
    CHECK(parity.state == Derived<ParityReport>::State::Failed);
    REQUIRE(parity.error);
    CHECK(parity.error->to_string().find("reference.safetensors") != std::string::npos);
}

TEST_CASE("parity: without a model it says so; the command asks for a file or takes one") {
    SessionFixture f;
    RecordingShell shell;
    CommandContext context{f.session, shell};
    start_parity(f.session, "reference.safetensors");
    CHECK(f.session.take_notices().size() == 1);
    REQUIRE(run_command(context, {"parity", {}}));
    CHECK(shell.calls == std::vector<std::string>{"ask_for_file parity"});
    f.open();
    REQUIRE(run_command(context, {"parity", {reference_file("session_parity_command", 0.5f)}}));
    REQUIRE(f.settle());
    CHECK(f.now().part<ParityState>().task.look().is_ready());
    CHECK(shell.calls.back() == "view parity");
}
