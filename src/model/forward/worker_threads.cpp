#include "model/forward/worker_threads.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace headlight {
namespace {

// Below this many rows LibTorch does its operations with one thread. Measured with SmolLM2-135M's shape on a
// busy machine: at 16 tokens two threads spend 1.6 times the processor time of one and end later, at 256
// only 1.1 times.
constexpr int kLeastRowsForThreads = 32;

thread_local int current_threads = 1;

/// Pieces as they get done, for the thread that waits for them in order.
class Pieces {
  public:
    explicit Pieces(int count) : count_(count), done_(static_cast<std::size_t>(count)) {}

    /// Takes pieces until there are none.
    void work(int worker, const std::function<Status(int, int)>& body) {
        const c10::InferenceMode inference;
        for (int i = next_++; i < count_; i = next_++) {
            Piece piece{fail(ErrorKind::Internal, "not done"), nullptr};
            try {
                piece.status = body(i, worker);
            } catch (...) {
                piece.thrown = std::current_exception();
            }
            const std::lock_guard lock(mutex_);
            done_[static_cast<std::size_t>(i)] = std::move(piece);
            changed_.notify_one();
        }
    }
    void leave_rest() { next_ = count_; }
    /// Waits for a piece. Throws what it threw.
    Status result(int index) {
        std::unique_lock lock(mutex_);
        std::optional<Piece>& piece = done_[static_cast<std::size_t>(index)];
        changed_.wait(lock, [&] { return piece.has_value(); });
        if (piece->thrown) std::rethrow_exception(piece->thrown);
        return std::move(piece->status);
    }

  private:
    struct Piece {
        Status status;
        std::exception_ptr thrown;
    };
    int count_;
    std::atomic<int> next_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::optional<Piece>> done_;
};

/// Lets workers end after the piece that they are at, however the waiting thread leaves.
struct LeaveRest {
    Pieces& pieces;
    ~LeaveRest() { pieces.leave_rest(); }
};

/// What LibTorch began with.
int max_worker_threads() {
    static const int count = std::max(1, at::get_num_threads());
    return count;
}

}  // namespace

int choose_threads(int wanted) {
    return wanted > 0 ? wanted : max_worker_threads();
}

void use_threads(int num_threads, int num_rows) {
    max_worker_threads();  // remembers the start value before it is changed for the first time
    current_threads = num_threads;
    const int for_torch = num_rows < kLeastRowsForThreads ? 1 : num_threads;
    if (at::get_num_threads() != for_torch) at::set_num_threads(for_torch);
}

int product_threads() {
    return current_threads;
}

Status run_side_by_side(int count, int num_threads, const std::function<Status(int, int)>& body,
                        const std::function<void(int)>& on_done) {
    use_threads(1, 1);  // and of threads that begin now
    if (std::min(count, num_threads) <= 1) {
        for (int i = 0; i < count; ++i) {
            HEADLIGHT_CHECK(body(i, 0));
            if (on_done) on_done(i);
        }
        return {};
    }
    Pieces pieces(count);
    std::vector<std::jthread> workers;
    const LeaveRest at_end{pieces};  // before the workers are waited for
    for (int worker = 0; worker < std::min(count, num_threads); ++worker)
        workers.emplace_back([&pieces, &body, worker] { pieces.work(worker, body); });
    for (int i = 0; i < count; ++i) {
        HEADLIGHT_CHECK(pieces.result(i));
        if (on_done) on_done(i);
    }
    return {};
}

}  // namespace headlight
