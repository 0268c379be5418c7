#include "model/forward/worker_threads.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace headlight {
namespace {

// Below this many rows LibTorch does its operations with one thread. Measured with SmolLM2-135M's shape on a
// busy machine: at 16 tokens two threads spend 1.6 times the processor time of one and end later, at 256
// only 1.1 times.
constexpr int kLeastRowsForThreads = 32;

thread_local int current_threads = 1;

}  // namespace

int max_worker_threads() {
    static const int count = std::max(1, at::get_num_threads());
    return count;
}

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

}  // namespace headlight
