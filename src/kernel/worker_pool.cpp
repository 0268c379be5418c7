#include "kernel/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace headlight {
namespace {

// How long a thread stays awake for the next piece of a pass: waking one up costs about as much.
constexpr auto kSpin = std::chrono::microseconds(40);

void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Until `done()`, for kSpin at most.
template <class Done>
bool spin_until(const Done& done) {
    const auto end = std::chrono::steady_clock::now() + kSpin;
    do {
        for (int i = 0; i < 16; ++i) {
            if (done()) return true;
            relax();
        }
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

class WorkerPool {
  public:
    ~WorkerPool() {
        is_ending_ = true;
        ++generation_;
        generation_.notify_all();
    }

    void run(int count, int num_threads, const std::function<void(int, int)>& body) {
        const std::unique_lock only(mutex_, std::try_to_lock);
        if (!only) {
            for (int i = 0; i < count; ++i)
                body(i, 0);
            return;
        }
        const int num_helpers = std::min(count, num_threads) - 1;
        while (static_cast<int>(helpers_.size()) < num_helpers)
            helpers_.emplace_back([this, index = static_cast<int>(helpers_.size()) + 1] { help(index); });
        body_ = &body;
        count_ = count;
        num_helpers_ = num_helpers;
        next_ = 0;
        state_.store(kOpen, std::memory_order_release);
        ++generation_;
        generation_.notify_all();
        work(0);
        // Who has not begun by now finds nothing left.
        int state = state_.fetch_and(~kOpen, std::memory_order_acq_rel) & ~kOpen;
        while (state != 0) {
            if (spin_until([&] { return state_.load(std::memory_order_acquire) == 0; })) break;
            state = state_.load(std::memory_order_acquire);
            if (state != 0) state_.wait(state, std::memory_order_acquire);
            state = state_.load(std::memory_order_acquire);
        }
    }

  private:
    static constexpr int kOpen = 1 << 30;  // beside it: how many helpers are inside

    void work(int thread) {
        for (int i = next_++; i < count_; i = next_++)
            (*body_)(i, thread);
    }

    bool enter() {
        int state = state_.load(std::memory_order_acquire);
        while ((state & kOpen) != 0) {
            if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) return true;
        }
        return false;
    }

    void help(int index) {
        unsigned seen = 0;
        for (;;) {
            if (!spin_until([&] { return generation_.load(std::memory_order_acquire) != seen; }))
                generation_.wait(seen, std::memory_order_acquire);
            seen = generation_.load(std::memory_order_acquire);
            if (is_ending_) return;
            if (!enter()) continue;
            if (index <= num_helpers_) work(index);
            if (state_.fetch_sub(1, std::memory_order_acq_rel) == 1) state_.notify_one();
        }
    }

    std::mutex mutex_;
    std::atomic<unsigned> generation_{0};
    std::atomic<int> state_{0};
    std::atomic<int> next_{0};
    std::atomic<bool> is_ending_{false};
    // Written while no helper is inside.
    const std::function<void(int, int)>* body_ = nullptr;
    int count_ = 0, num_helpers_ = 0;
    std::vector<std::jthread> helpers_;  // last: joined first
};

}  // namespace

void run_in_pool(int count, int num_threads, const std::function<void(int, int)>& body) {
    if (std::min(count, num_threads) <= 1) {
        for (int i = 0; i < count; ++i)
            body(i, 0);
        return;
    }
    static WorkerPool pool;
    pool.run(count, num_threads, body);
}

}  // namespace headlight
