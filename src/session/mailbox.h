// The one way back from workers to the session's thread: messages that are run by Session::pump().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace headlight {

/// All functions are safe from any thread. `wake` is called without any lock held.
class Mailbox {
  public:
    using Message = std::function<void()>;
    using Deadline = std::chrono::steady_clock::time_point;

    explicit Mailbox(std::function<void()> wake);

    /// Appends a message and wakes the owner.
    void post(Message message);
    /// Something to draw changed without a message (progress). Wakes the owner at most every 30 ms.
    void nudge();
    /// A worker ran out of work: ends wait_for_change(), wakes the owner.
    void note_idle();

    /// Takes all messages, oldest first.
    std::vector<Message> take();
    bool empty() const;
    /// True once after one or more nudge() or note_idle().
    bool take_nudge() { return was_nudged_.exchange(false); }

    /// Counts posts and idle notes; read it before looking at the state that one waits for.
    std::uint64_t version() const;
    /// Blocks until version() differs from `seen` or the deadline has passed.
    void wait_for_change(std::uint64_t seen, Deadline deadline);

  private:
    void bump();

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Message> messages_;
    std::uint64_t version_ = 0;
    std::atomic<bool> was_nudged_{false};
    std::atomic<std::int64_t> last_nudge_ms_{0};
};

}  // namespace headlight
