// The one thread that runs the model.
#include "session/model_worker.h"

#include <algorithm>
#include <utility>

#include "base/stopwatch.h"

namespace headlight {

ModelWorker::ModelWorker(Mailbox& mailbox)
    : mailbox_(mailbox), thread_([this](const std::stop_token& stop) { work_loop(stop); }) {}

ModelWorker::~ModelWorker() {
    drop_all();
    thread_.request_stop();
}

void ModelWorker::drop_queued(JobKind kind) {
    std::erase_if(waiting_, [kind](const ModelJob& job) { return job.kind == kind; });
}

void ModelWorker::submit(ModelJob job) {
    std::stop_source to_stop(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        const JobKind kind = job.kind;
        if (kind != JobKind::Predictions) {
            drop_queued(kind);
            if (is_running_ && running_kind_ == kind) is_running_dropped_ = true;
        }
        const bool is_replaced = kind == running_kind_ && kind != JobKind::Predictions;
        if (is_running_ && (kind < running_kind_ || is_replaced)) to_stop = running_stop_;
        waiting_.push_back(std::move(job));
        if (!is_running_) status_ = {JobStatus::State::Running, waiting_.back().title, {}, -1, true};
    }
    to_stop.request_stop();  // without the lock: stop callbacks are somebody else's code
    has_work_.notify_one();
}

void ModelWorker::drop(JobKind kind) {
    std::stop_source to_stop(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        drop_queued(kind);
        if (is_running_ && running_kind_ == kind) {
            is_running_dropped_ = true;
            to_stop = running_stop_;
        }
        if (!is_running_ && waiting_.empty()) status_ = {};
    }
    to_stop.request_stop();
}

void ModelWorker::drop_all() {
    std::stop_source to_stop(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        if (!is_running_) status_ = {};
        if (is_running_) {
            is_running_dropped_ = true;
            to_stop = running_stop_;
        }
    }
    to_stop.request_stop();
}

bool ModelWorker::is_busy() const {
    const std::lock_guard lock(mutex_);
    return is_running_ || !waiting_.empty();
}

bool ModelWorker::has(JobKind kind) const {
    const std::lock_guard lock(mutex_);
    if (is_running_ && running_kind_ == kind && !is_running_dropped_) return true;
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [kind](const ModelJob& job) { return job.kind == kind; });
}

JobStatus ModelWorker::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void ModelWorker::set_progress(const ProgressUpdate& update) {
    const std::lock_guard lock(mutex_);
    status_.stage = update.detail.empty() ? update.stage : update.detail;
    status_.fraction = update.fraction;
}

bool ModelWorker::take_next(const std::stop_token& stop, ModelJob& job, JobContext& context) {
    std::unique_lock lock(mutex_);
    has_work_.wait(lock, stop, [this] { return !waiting_.empty(); });
    if (stop.stop_requested()) return false;
    auto next = waiting_.begin();
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if (it->kind <= next->kind) next = it;  // the newest of the most urgent kind
    }
    job = std::move(*next);
    waiting_.erase(next);
    is_running_ = true;
    is_running_dropped_ = false;
    running_kind_ = job.kind;
    running_stop_ = std::stop_source();
    status_ = {JobStatus::State::Running, job.title, {}, -1, true};
    // Frames that say that a short run has begun would only take its processors.
    constexpr double kShortMs = 30;
    context =
        JobContext(running_stop_.get_token(), [this, watch = Stopwatch()](const ProgressUpdate& update) {
            set_progress(update);
            if (watch.milliseconds() > kShortMs) mailbox_.nudge();
        });
    return true;
}

void ModelWorker::finish(ModelJob job, JobOutcome outcome) {
    bool is_idle = false;
    {
        const std::lock_guard lock(mutex_);
        // At the front: a job that goes on is older than what came in meanwhile.
        if (outcome == JobOutcome::Again && !is_running_dropped_)
            waiting_.insert(waiting_.begin(), std::move(job));
        is_running_ = false;
        is_idle = waiting_.empty();
        if (is_idle) status_ = {};
    }
    if (is_idle) mailbox_.note_idle();
}

void ModelWorker::work_loop(const std::stop_token& stop) {
    for (;;) {
        ModelJob job;
        JobContext context;
        if (!take_next(stop, job, context)) return;
        const JobOutcome outcome = job.run(context);
        finish(std::move(job), outcome);
    }
}

}  // namespace headlight
