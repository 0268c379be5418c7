// The probe runs a few sequences at a time, lets typing go first, and goes on afterwards.
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

ProbeSettings small_probe(int num_sequences) {
    ProbeSettings settings;
    settings.block_length = 4;
    settings.num_sequences = num_sequences;
    return settings;
}

}  // namespace

TEST_CASE("probe: scores of all heads from the asked number of sequences") {
    SessionFixture f;
    f.open();
    CHECK_FALSE(f.now().part<ProbeState>().task.look().is_ready());
    start_probe(f.session, small_probe(3));
    CHECK(f.now().part<ProbeState>().task.is_running());
    CHECK(f.now().part<ProbeState>().task.look().progress >= 0.0);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<ProbeState>().task.is_running());
    CHECK(f.now().part<ProbeState>().task.value());
    const auto probe = f.now().part<ProbeState>().task.look();
    REQUIRE(probe.is_ready());
    CHECK(probe.value->heads.size() == 6);
    CHECK(probe.value->model_id == f.now().model->id);
    REQUIRE_FALSE(probe.value->heads[0].empty());
    CHECK(probe.value->heads[0][0].num_sequences == 3);
    const auto requests = f.world->taken_requests();
    REQUIRE(requests.size() == 3);
    for (const RunRequest& request : requests) {
        REQUIRE(request.ids.size() == 8);  // no BOS without a tokenizer
        CHECK(std::equal(request.ids.begin(), request.ids.begin() + 4, request.ids.begin() + 4));
    }
}

TEST_CASE("probe: a text interrupts it, is shown first, and no sequence is lost") {
    SessionFixture f;
    f.open();
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    start_probe(f.session, small_probe(2));
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.set_text("9 8 7");
    f.world->run_gate.wait_for_entries(before + 2);  // now the text stands at the gate
    CHECK(f.now().part<ProbeState>().task.is_running());
    f.world->run_gate.open();
    REQUIRE(f.settle());
    const auto requests = f.world->taken_requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].ids == std::vector<std::int32_t>{9, 8, 7});
    CHECK(ids_of(f.now()) == std::vector<std::int32_t>{9, 8, 7});
    REQUIRE(f.now().part<ProbeState>().task.look().is_ready());
    CHECK(f.now().part<ProbeState>().task.look().value->heads[5][0].num_sequences == 2);
}

TEST_CASE("probe: cancel ends it without a word") {
    SessionFixture f;
    f.open();
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    start_probe(f.session, small_probe(2));
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.cancel();
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<ProbeState>().task.is_running());
    CHECK_FALSE(f.now().part<ProbeState>().task.value());
    CHECK_FALSE(f.now().part<ProbeState>().task.look().is_ready());
    CHECK(f.session.take_notices().empty());
}

TEST_CASE("probe: failures are told once and stay with the value") {
    SessionFixture f;
    start_probe(f.session);
    CHECK(f.session.take_notices().size() == 1);  // nothing is open
    f.open();
    f.world->run_error = "out of luck";
    start_probe(f.session, small_probe(2));
    REQUIRE(f.settle());
    CHECK(f.session.take_notices().size() == 1);
    CHECK(f.now().part<ProbeState>().task.look().state == Derived<ProbeResult>::State::Failed);
    CHECK_FALSE(f.now().part<ProbeState>().task.is_running());
}

TEST_CASE("probe: a new model has none") {
    SessionFixture f;
    f.open();
    start_probe(f.session, small_probe(1));
    REQUIRE(f.settle());
    CHECK(f.now().part<ProbeState>().task.value());
    f.open("another/fake");
    CHECK_FALSE(f.now().part<ProbeState>().task.value());
    CHECK_FALSE(f.now().part<ProbeState>().task.look().is_ready());
    CHECK(f.now().part<ProbeState>().task.look().value == nullptr);
}
