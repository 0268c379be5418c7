// A part of the session that does one thing with the open model when a command asks for it. One file and one
// line in tasks.def each; nobody else names it: it is found by its type, and a view finds its state in the
// snapshot.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "session/parts/choice.h"
#include "session/parts/opening.h"
#include "session/parts/text_runs.h"

namespace headlight {

/// What a task is made with. `kind` says how urgent it is; no other job has it.
struct TaskSetting {
    SessionCore& core;
    Opening& opening;
    JobKind kind;
    TextRuns& text;
    Choice& choice;
};

struct TaskDescriptor {
    std::unique_ptr<SessionPart> (*make)(const TaskSetting& setting);
};

/// All of tasks.def, in that order.
std::span<const TaskDescriptor* const> tasks();

/// The part of a session for the functions that its file offers.
template <class Part>
Part& task_of(Session& session) {
    return static_cast<Part&>(session.task(typeid(Part)));
}

/// A task with one result. `State` is what the snapshot holds of it: a struct with a member `Task<...> task`.
/// The state goes when another model is open, or another tokenizer if the result depends on it.
template <class State>
class TaskPart : public SessionPart {
  public:
    explicit TaskPart(const TaskSetting& setting)
        : core_(setting.core), opening_(setting.opening), kind_(setting.kind) {}

    void drop_strangers() override {
        if (state().task.of().fits(core_.open_now())) return;
        core_.worker.drop(kind_);
        put({});
    }
    void cancel() override {
        if (!state().task.is_running()) return;
        State next = state();
        next.task.cancel();
        put(std::move(next));
    }

  protected:
    const State& state() const { return core_.snapshot.template part<State>(); }

    /// Puts `next` into the snapshot with its task running: `work` as of SessionCore::on_model(), its
    /// progress is the task's. `failure` begins the notice when it gives an error.
    template <class Work>
    void run(State next, const Belonging& of, std::string title, std::string failure, Work work) {
        const JobControlPtr control = next.task.start(of);
        put(std::move(next));
        core_.failure.reset();
        core_.on_model(
            kind_, std::move(title), of.model_id,
            [control, work = std::move(work)](WorkerState& on_worker, const JobContext& job) {
                const JobContext counted(job.stop_token(), [&job, control](const ProgressUpdate& update) {
                    if (update.fraction >= 0) control->progress = update.fraction;
                    job.report(update);
                });
                return work(on_worker, counted);
            },
            [this, control, failure = std::move(failure)](auto result) {
                State done = state();
                if (!done.task.finish(control, result)) return;
                put(std::move(done));
                if (!result && result.error().kind != ErrorKind::Cancelled)
                    core_.job_failed(failure, result.error());
            });
    }

    void put(State next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }

    SessionCore& core_;
    Opening& opening_;
    JobKind kind_;
};

}  // namespace headlight
