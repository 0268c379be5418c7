// Writes on a thread of its own, shortly after what is written changed: many changes, one file.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"

namespace headlight {

class DelayedWriter {
  public:
    using Write = std::function<Status()>;

    /// `on_error` is called on the writer's thread, once for each name until a write of it succeeds again.
    explicit DelayedWriter(std::function<void(const Error&)> on_error);
    /// Writes what waits.
    ~DelayedWriter();
    DelayedWriter(const DelayedWriter&) = delete;
    DelayedWriter& operator=(const DelayedWriter&) = delete;

    /// Calls `write` once, 0.4 s after the first call since the last time at the latest; it takes the place
    /// of what waits under that name.
    void schedule(const std::string& name, Write write);

  private:
    void write_loop(const std::stop_token& stop);
    void write(const std::string& name, const Write& write);

    std::function<void(const Error&)> on_error_;
    std::map<std::string, bool> has_failed_;  // writer's thread only
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, Write> waiting_;
    std::jthread thread_;  // last member: joined before the rest dies
};

}  // namespace headlight
