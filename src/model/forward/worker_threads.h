// Threads of a run: ours (kernel/worker_pool.h) and LibTorch's own, which never work at the same time.
#pragma once

namespace headlight {

/// The default number of threads: what the engine was started with.
int max_worker_threads();

/// How many threads a run takes at most; `wanted` > 0 is obeyed. Each product takes as many as pay for what
/// it reads.
int choose_threads(int wanted);

/// For what the calling thread does from now on, over `num_rows` rows: our products take up to `num_threads`,
/// LibTorch's own operations one where the rows are few.
void use_threads(int num_threads, int num_rows);

/// What use_threads() said last on this thread; 1 before.
int product_threads();

}  // namespace headlight
