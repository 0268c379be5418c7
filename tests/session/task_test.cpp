// What a task says of itself, and what the worker makes of work that throws.
#include "session/task.h"
#include "io/attention/attention_dump.h"
#include "session/part_values.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

using State = Derived<int>::State;

}  // namespace

TEST_CASE("task: not begun, under way, there") {
    Task<int> task;
    CHECK(task.look().state == State::Pending);
    CHECK(task.look().progress < 0);
    CHECK_FALSE(task.is_running());
    const JobControlPtr control = task.start({3, 4});
    CHECK(task.is_running());
    control->progress = 0.5;
    CHECK(task.look().progress == 0.5);
    CHECK(task.finish(control, 7));
    REQUIRE(task.look().is_ready());
    CHECK(*task.look().value == 7);
    CHECK(task.of().model_id == 3);
    CHECK(task.of().tokenizer_id == 4);
    task.forget();
    CHECK(task.value() == nullptr);
    CHECK(task.of().model_id == 0);
}

TEST_CASE("task: what was cancelled, or started again, is not taken") {
    Task<int> task;
    const JobControlPtr first = task.start({});
    const JobControlPtr second = task.start({});
    CHECK_FALSE(task.finish(first, 1));
    CHECK(task.is_running());
    CHECK(task.finish(second, 2));
    const JobControlPtr third = task.start({});
    CHECK(*task.look().value == 2);  // the older value stays meanwhile
    CHECK(task.look().state == State::Pending);
    task.cancel();
    CHECK_FALSE(task.finish(third, 3));
    CHECK(*task.look().value == 2);
    CHECK(task.look().is_ready());
}

TEST_CASE("task: an error is said, a cancelled end is not") {
    Task<int> task;
    task.finish(task.start({}), fail(ErrorKind::Internal, "out of luck"));
    CHECK(task.look().state == State::Failed);
    CHECK(task.look().error->message == "out of luck");
    task.finish(task.start({}), fail(ErrorKind::Cancelled, "stopped"));
    CHECK(task.look().state == State::Pending);
    CHECK_FALSE(task.is_running());
}

TEST_CASE("task: what a value is of decides whether it stays") {
    CHECK(Belonging{}.fits({1, 2}));
    CHECK(Belonging{1, 0}.fits({1, 9}));
    CHECK_FALSE(Belonging{1, 0}.fits({2, 9}));
    CHECK(Belonging{1, 2}.fits({1, 2}));
    CHECK_FALSE(Belonging{1, 2}.fits({1, 3}));
    CHECK_FALSE(Belonging{1, 2}.fits({}));
}

TEST_CASE("part values: each type has its own, a copy is not changed by the next") {
    struct Count {
        int value = 0;
    };
    PartValues values;
    CHECK(values.get<Count>().value == 0);
    values.put(Count{4});
    const PartValues copy = values;
    values.put(Count{5});
    CHECK(values.get<Count>().value == 5);
    CHECK(copy.get<Count>().value == 4);
    CHECK(copy.get<std::string>().empty());
}

TEST_CASE("task: one whose model never comes ends without a word of its own") {
    SessionFixture f;
    AttentionDump dump;
    dump.spec = f.world->spec;
    for (int id = 1; id <= 3; ++id)
        dump.tokens.tokens.push_back({id, std::to_string(id), std::to_string(id), 0, 0, false});
    dump.trace = uniform_trace(2, 3, 3);
    const std::string folder = fresh_dir("task_no_model"), stored = folder + "/stored.safetensors";
    REQUIRE(write_attention_dump(stored, dump));
    f.world->broken.insert(folder + "/model");
    f.session.open_stored_trace(stored, folder + "/model");
    REQUIRE(f.settle());
    f.session.take_notices();
    start_parity(f.session, folder + "/reference.safetensors");
    start_probe(f.session);
    start_sweep(f.session, InterventionMode::ZeroOutput);
    REQUIRE(f.settle());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);  // the model could not be loaded
    CHECK(notices[0].text.find("Loading") == 0);
    CHECK_FALSE(f.now().part<ParityState>().task.is_running());
    CHECK_FALSE(f.now().part<ProbeState>().task.is_running());
    REQUIRE(f.now().sweep);
    CHECK_FALSE(f.now().sweep->is_running);
    CHECK(f.now().sweep->error.empty());
}
