#include "session/job_pool.h"

#include <algorithm>
#include <utility>

namespace headlight {

JobPool::JobPool(int num_threads, Mailbox& mailbox) : mailbox_(mailbox) {
    for (int i = 0; i < num_threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { work_loop(stop); });
    }
}

JobPool::~JobPool() {
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        for (const JobControlPtr& control : running_)
            control->stop.request_stop();
    }
    for (std::jthread& thread : threads_)
        thread.request_stop();
    threads_.clear();
}

void JobPool::submit(JobControlPtr control, Work work) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(control), std::move(work)});
    }
    has_work_.notify_one();
}

bool JobPool::is_busy() const {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty() || !running_.empty();
}

void JobPool::run(Task& task) {
    JobControl* control = task.control.get();
    const auto report = [this, control](const ProgressUpdate& update) {
        control->progress = update.fraction;
        mailbox_.nudge();
    };
    if (!control->stop.stop_requested()) task.work(JobContext(control->stop.get_token(), report));
}

void JobPool::work_loop(const std::stop_token& stop) {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            has_work_.wait(lock, stop, [this] { return !waiting_.empty(); });
            if (stop.stop_requested()) return;
            task = std::move(waiting_.back());
            waiting_.pop_back();
            running_.push_back(task.control);
        }
        run(task);
        bool is_idle = false;
        {
            const std::lock_guard lock(mutex_);
            running_.erase(std::find(running_.begin(), running_.end(), task.control));
            is_idle = waiting_.empty() && running_.empty();
        }
        if (is_idle) mailbox_.note_idle();
    }
}

}  // namespace headlight
