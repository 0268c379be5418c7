// How long work reports progress and is told to stop. Cheap to copy; safe to call from any thread.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace headlight {

/// One step of a job as it is shown: "loading weights", 0.4. `fraction` < 0 means unknown length.
struct ProgressUpdate {
    std::string_view stage;
    double fraction = -1.0;
    std::string_view detail;  // e.g. "layer 12 of 30", may be empty
};

/// Handed down into every long function. Asking should_stop() is the cancellation point.
class JobContext {
  public:
    using Callback = std::function<void(const ProgressUpdate&)>;

    JobContext() = default;
    explicit JobContext(std::stop_token stop, Callback callback = {})
        : stop_(std::move(stop)), callback_(std::move(callback)) {}

    bool should_stop() const { return stop_.stop_requested(); }
    void report(const ProgressUpdate& update) const {
        if (callback_) callback_(update);
    }
    const std::stop_token& stop_token() const { return stop_; }

  private:
    std::stop_token stop_;
    Callback callback_;
};

}  // namespace headlight
