// Threads of a run: ours (kernel/worker_pool.h) and LibTorch's own, which never work at the same time.
#pragma once

#include <functional>

#include "base/result.h"

namespace headlight {

/// How many threads a run takes at most; `wanted` > 0 is obeyed, else it is what LibTorch began with. Each
/// product takes as many as pay for what it reads.
int choose_threads(int wanted);

/// For what the calling thread does from now on, over `num_rows` rows: our products take up to `num_threads`,
/// LibTorch's own operations one where the rows are few.
void use_threads(int num_threads, int num_rows);

/// What use_threads() said last on this thread; 1 before.
int product_threads();

/// Pieces of work that one thread computes alone, so that no number depends on how many threads there are:
/// body(index, worker) for each index in [0, count), taken one after another by `num_threads` workers without
/// gradients. on_done(index) comes in order from the calling thread, as soon as a piece and all before it are
/// done. Returns the first error, and throws what LibTorch threw, on the calling thread; work that was not
/// begun by then is left.
Status run_side_by_side(int count, int num_threads, const std::function<Status(int, int)>& body,
                        const std::function<void(int)>& on_done = {});

}  // namespace headlight
