// Follows the log of a training run: reads it again when the file has grown. One thread that sleeps in
// between.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "io/training/training_log.h"

namespace headlight {

class TrainingWatch {
  public:
    /// `on_change` is called on the watch's thread with what was read, only after the file changed.
    using OnChange = std::function<void(const std::string& path, Result<TrainingLog>)>;
    explicit TrainingWatch(OnChange on_change);
    ~TrainingWatch();
    TrainingWatch(const TrainingWatch&) = delete;
    TrainingWatch& operator=(const TrainingWatch&) = delete;

    /// Follows `path` (a folder with metrics.jsonl, or a file in it) from its present state on; empty:
    /// nothing.
    void follow(std::string path);

  private:
    void watch_loop(const std::stop_token& stop);

    OnChange on_change_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string path_;
    std::uint64_t serial_ = 0;  // of the path
    std::jthread thread_;       // last member: joined before the rest dies
};

/// Seconds until the next look at a file that has been the same `num_quiet_looks` times: once a second while
/// it grows and for a minute after, then ever more rarely, at most once in half a minute.
double watch_delay_s(int num_quiet_looks);

}  // namespace headlight
