// A few threads for work beside the model: derived values. Newest request first.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/progress.h"
#include "session/job_control.h"
#include "session/mailbox.h"

namespace headlight {

class JobPool {
  public:
    using Work = std::function<void(const JobContext&)>;

    JobPool(int num_threads, Mailbox& mailbox);
    ~JobPool();  // stops what runs, drops what waits, joins
    JobPool(const JobPool&) = delete;
    JobPool& operator=(const JobPool&) = delete;

    /// Queues work; it is skipped if `control->stop` is requested before its turn. `work` must not throw.
    void submit(JobControlPtr control, Work work);
    /// True while something runs or waits.
    bool is_busy() const;

  private:
    struct Task {
        JobControlPtr control;
        Work work;
    };
    void work_loop(const std::stop_token& stop);
    void run(Task& task);

    Mailbox& mailbox_;
    mutable std::mutex mutex_;
    std::condition_variable_any has_work_;
    std::vector<Task> waiting_;  // newest last
    std::vector<JobControlPtr> running_;
    std::vector<std::jthread> threads_;  // last member: joined before the rest dies
};

}  // namespace headlight
