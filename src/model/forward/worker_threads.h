// Threads of a run. Ours are LibTorch's own OpenMP team, so that the two never add up to more than the
// machine has.
#pragma once

#include <functional>

#include "base/result.h"

namespace headlight {

/// The default number of threads: what the engine was started with.
int max_worker_threads();

/// How many threads a run over `num_tokens` new tokens takes; `wanted` > 0 is obeyed.
int choose_threads(int wanted, int num_tokens);

/// Workers of run_side_by_side() where nobody says how many.
inline int side_by_side_threads(int wanted) {
    return wanted > 0 ? wanted : max_worker_threads();
}

/// Tells LibTorch and its BLAS, for the calling thread.
void use_threads(int num_threads);

/// body(index, thread) for each index in [0, count), taken one after another by `num_threads` threads.
void run_parallel(int count, int num_threads, const std::function<void(int, int)>& body);

/// Pieces of work that one thread computes alone, so that no number depends on how many threads there are:
/// body(index, worker) for each index in [0, count), taken one after another by `num_threads` workers without
/// gradients. on_done(index) comes in order from the calling thread, as soon as a piece and all before it are
/// done. Returns the first error, and throws what LibTorch threw, on the calling thread; work that was not
/// begun by then is left.
Status run_side_by_side(int count, int num_threads, const std::function<Status(int, int)>& body,
                        const std::function<void(int)>& on_done = {});

}  // namespace headlight
