// A session on the real engine and the bundled demo, with lessons stepped as the window steps them.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "core/engine.h"
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/session.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "support/fixtures.h"

namespace headlight::test {

struct LessonStage {
    std::unique_ptr<Session> session;
    RecordingShell shell;

    explicit LessonStage(const std::string& settings_path = {}) {
        SessionOptions options;
        options.engine = []() -> Result<Engine*> {
            return load_engine(binary_dir() + "/" + kEngineFileName);
        };
        options.num_threads = 1;
        options.settings_path = settings_path;
        options.saves_settings = !settings_path.empty();
        session = std::make_unique<Session>(std::move(options));
    }

    static std::string demo() { return source_dir() + "/assets/demo"; }
    const Snapshot& now() const { return session->snapshot(); }
    const LessonState& lesson() const { return now().part<LessonState>(); }
    const QuizState& quiz() const { return now().part<QuizState>(); }

    /// Until nothing runs, waits or is to be checked.
    void settle() {
        constexpr std::chrono::seconds kPatience{120};
        CommandContext context{*session, shell};
        for (int round = 0; round < 2000; ++round) {
            REQUIRE(session->wait_until_idle_blocking(kPatience));
            if (!is_lesson_busy(now()) && !is_quiz_busy(now())) return;
            if (is_lesson_busy(now())) step_lesson(context);
            if (is_quiz_busy(now())) step_quiz(context);
        }
        FAIL("a lesson is never done");
    }
    Status try_run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE_MESSAGE(call, line);
        CommandContext context{*session, shell};
        return run_command(context, **call);
    }
    void run(const std::string& line) {
        const Status status = try_run(line);
        REQUIRE_MESSAGE(status, line, ": ", status ? "" : status.error().message);
        settle();
    }
};

}  // namespace headlight::test
