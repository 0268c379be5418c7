// Threads of a run. Ours are LibTorch's own OpenMP team, so that the two never add up to more than the
// machine has.
#pragma once

#include <functional>

namespace headlight {

/// The default number of threads: what the engine was started with.
int max_worker_threads();

/// How many threads a run over `num_tokens` new tokens takes; `wanted` > 0 is obeyed.
int choose_threads(int wanted, int num_tokens);

/// Tells LibTorch and its BLAS, for the calling thread.
void use_threads(int num_threads);

/// body(index, thread) for each index in [0, count), taken one after another by `num_threads` threads.
void run_parallel(int count, int num_threads, const std::function<void(int, int)>& body);

}  // namespace headlight
