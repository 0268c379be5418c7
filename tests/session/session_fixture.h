// A session on a fake engine, as the tests of this folder start it.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "session/fake_engine.h"
#include "session/session.h"
#include "session/tasks/parity.h"
#include "session/tasks/probe.h"
#include "session/tasks/sweep.h"
#include "support/fixtures.h"

namespace headlight::test {

inline constexpr std::chrono::seconds kPatience{
    60};  // a bound for broken code, not something that is waited for

/// `session` is last: it stops its workers before the world goes.
struct SessionFixture {
    std::shared_ptr<FakeWorld> world = std::make_shared<FakeWorld>();
    FakeEngine engine{world};
    std::atomic<int> num_wakes{0};
    std::unique_ptr<Session> owned;
    Session& session;

    static SessionOptions options_of(SessionFixture& fixture, std::size_t cache_bytes) {
        SessionOptions options;
        options.engine = [&fixture]() -> Result<Engine*> { return &fixture.engine; };
        options.wake = [&fixture] { ++fixture.num_wakes; };
        options.num_threads = 1;
        options.cache_bytes = cache_bytes;
        return options;
    }

    explicit SessionFixture(std::size_t cache_bytes = std::size_t{64} << 20)
        : owned(std::make_unique<Session>(options_of(*this, cache_bytes))), session(*owned) {}

    const Snapshot& now() const { return session.snapshot(); }
    bool settle() { return session.wait_until_idle_blocking(kPatience); }

    /// Opens the fake model and drops the notice that it has no tokenizer.
    void open(const std::string& path = "no_such_folder/fake") {
        session.open(path);
        REQUIRE(settle());
        session.take_notices();
    }
    /// Pumps until `holds()`; for states in the middle of a job, with the gate closed.
    template <class Condition>
    void pump_until(const Condition& holds) {
        while (!holds())
            session.pump();
    }
};

inline std::vector<std::int32_t> ids_of(const Snapshot& snapshot) {
    return snapshot.text ? snapshot.text->tokens.ids() : std::vector<std::int32_t>{};
}

}  // namespace headlight::test
