// The one thread that runs the model. Decides what runs next; what a job does is not its business.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/progress.h"
#include "session/mailbox.h"
#include "session/snapshot.h"

namespace headlight {

/// In order of priority: the first kind that waits is run next. From FirstTask on one kind for each task.
enum class JobKind { Open, Text, Ablation, Predictions, FirstTask };

/// Of the tasks, in the order of their list.
constexpr JobKind task_kind(std::size_t index) {
    return static_cast<JobKind>(static_cast<std::size_t>(JobKind::FirstTask) + index);
}

enum class JobOutcome {
    Done,
    Again  // was interrupted, or has another step: goes back into the queue unless it was dropped meanwhile
};

struct ModelJob {
    JobKind kind = JobKind::Text;
    std::string title;  // "Running the text"
    /// Must not throw. Returns soon after job.should_stop(): either a more urgent job waits or it was
    /// dropped.
    std::function<JobOutcome(const JobContext& job)> run;
};

class ModelWorker {
  public:
    explicit ModelWorker(Mailbox& mailbox);
    ~ModelWorker();  // stops what runs, drops what waits, joins
    ModelWorker(const ModelWorker&) = delete;
    ModelWorker& operator=(const ModelWorker&) = delete;

    /// All but Predictions take the place of an older one of their kind, which is dropped (and stopped if it
    /// runs). Less urgent work that runs is stopped and goes on later; predictions queue up, newest first.
    void submit(ModelJob job);
    void drop(JobKind kind);
    void drop_all();

    bool is_busy() const;
    bool has(JobKind kind) const;
    /// Of the job that runs; Idle when there is none.
    JobStatus status() const;

  private:
    void work_loop(const std::stop_token& stop);
    bool take_next(const std::stop_token& stop, ModelJob& job, JobContext& context);
    void finish(ModelJob job, JobOutcome outcome);
    void set_progress(const ProgressUpdate& update);
    void drop_queued(JobKind kind);

    Mailbox& mailbox_;
    mutable std::mutex mutex_;
    std::condition_variable_any has_work_;
    std::vector<ModelJob> waiting_;  // oldest first
    bool is_running_ = false;
    bool is_running_dropped_ = false;
    JobKind running_kind_ = JobKind::Text;
    std::stop_source running_stop_;  // fresh for each run
    JobStatus status_;
    std::jthread thread_;  // last member: joined before the rest dies
};

}  // namespace headlight
