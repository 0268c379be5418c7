// The order in which the model worker takes its jobs.
#include <mutex>

#include "session/model_worker.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct WorkerFixture {
    std::mutex mutex;
    std::vector<std::string> log;
    Gate gate;
    Mailbox mailbox{{}};
    ModelWorker worker{mailbox};

    ModelJob job(JobKind kind, const std::string& name, bool waits = false) {
        return {kind, name, [this, name, waits](const JobContext& context) {
                    if (waits && !gate.pass(context.stop_token())) {
                        note(name + " stopped");
                        return JobOutcome::Again;
                    }
                    note(name);
                    return JobOutcome::Done;
                }};
    }
    void note(const std::string& line) {
        const std::lock_guard lock(mutex);
        log.push_back(line);
    }
    std::vector<std::string> settle() {
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (worker.is_busy()) {
            const auto seen = mailbox.version();
            if (worker.is_busy()) mailbox.wait_for_change(seen, deadline);
        }
        const std::lock_guard lock(mutex);
        return log;
    }
    using Log = std::vector<std::string>;
};

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("worker: urgent kinds first, the newest of a kind first, one of a kind") {
    WorkerFixture f;
    f.gate.close();
    f.worker.submit(f.job(JobKind::Open, "hold", true));
    f.gate.wait_for_entries(1);
    f.worker.submit(f.job(JobKind::FirstTask, "probe"));
    f.worker.submit(f.job(JobKind::Predictions, "prediction 1"));
    f.worker.submit(f.job(JobKind::Predictions, "prediction 2"));
    f.worker.submit(f.job(JobKind::Text, "text 1"));
    f.worker.submit(f.job(JobKind::Text, "text 2"));
    CHECK(f.worker.has(JobKind::Text));
    CHECK(f.worker.status().title == "hold");
    f.gate.open();
    CHECK(f.settle() == Log{"hold", "text 2", "prediction 2", "prediction 1", "probe"});
    CHECK(f.worker.status().state == JobStatus::State::Idle);
    CHECK_FALSE(f.worker.has(JobKind::Text));
}

TEST_CASE("worker: a more urgent job interrupts, and what was interrupted goes on") {
    WorkerFixture f;
    f.gate.close();
    f.worker.submit(f.job(JobKind::FirstTask, "probe", true));
    f.gate.wait_for_entries(1);
    f.worker.submit(f.job(JobKind::Text, "text", true));
    f.gate.wait_for_entries(2);
    f.worker.submit(f.job(JobKind::Open, "open"));
    f.gate.wait_for_entries(3);  // the text again
    f.gate.open();
    CHECK(f.settle() == Log{"probe stopped", "text stopped", "open", "text", "probe"});
}

TEST_CASE("worker: what is dropped does not come back") {
    WorkerFixture f;
    f.gate.close();
    f.worker.submit(f.job(JobKind::Text, "text", true));
    f.gate.wait_for_entries(1);
    f.worker.submit(f.job(JobKind::Predictions, "prediction"));
    f.worker.submit(f.job(JobKind::FirstTask, "probe"));
    f.worker.drop(JobKind::Predictions);
    f.worker.drop(JobKind::Text);
    CHECK(f.settle() == Log{"text stopped", "probe"});
    f.worker.submit(f.job(JobKind::Text, "other text", true));
    f.gate.wait_for_entries(2);
    f.worker.drop_all();
    CHECK(f.settle().back() == "other text stopped");
}
