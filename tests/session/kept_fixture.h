// A session that keeps what is open in a folder of its own.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "session/recording_shell.h"
#include "session/saved/notes_state.h"
#include "session/saved/saved_part.h"
#include "session/session_fixture.h"

namespace headlight::test {

/// `session` is made by start() and may be ended by reset().
struct KeptFixture {
    std::shared_ptr<FakeWorld> world = std::make_shared<FakeWorld>();
    FakeEngine engine{world};
    std::unique_ptr<Session> session;
    RecordingShell shell;

    void start(const std::string& autosave_folder) {
        SessionOptions options;
        options.engine = [this]() -> Result<Engine*> { return &engine; };
        options.num_threads = 1;
        options.autosave_folder = autosave_folder;
        session = std::make_unique<Session>(std::move(options));
    }
    const Snapshot& now() const { return session->snapshot(); }
    const SavedState& saved() const { return now().part<SavedState>(); }
    bool settle() { return session->wait_until_idle_blocking(kPatience); }
    Status run(const std::string& id, std::vector<std::string> arguments = {}) {
        CommandContext context{*session, shell};
        return run_command(context, {id, std::move(arguments)});
    }
    template <class Condition>
    void pump_until(const Condition& holds) {
        while (!holds()) {
            session->pump();
            std::this_thread::yield();
        }
    }
};

}  // namespace headlight::test
