// The threads that products and attention share. Whoever asks works as well and never waits for a thread that
// has not begun, so that on a busy machine several threads are never slower than one.
#pragma once

#include <functional>

namespace headlight {

/// body(index, thread) for each index in [0, count), taken one after another by up to `num_threads` threads;
/// the caller is thread 0. Returns when all are done. `body` must not throw. A call from within a body, or
/// while another caller has the threads, is done by the caller alone.
void run_in_pool(int count, int num_threads, const std::function<void(int index, int thread)>& body);

}  // namespace headlight
