// parallel_for for work outside LibTorch (figures, analysis, export). The engine has threads of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace headlight {

/// How many threads to use when the user names none: the cores of this machine, at least 1.
inline int default_num_threads() {
    return std::max(1u, std::thread::hardware_concurrency());
}

/// Calls body(index) for each index in [0, count) on up to `num_threads` threads, the caller's among them.
/// Returns when all are done. `body` must not throw.
template <class Body>
void parallel_for(std::size_t count, int num_threads, const Body& body) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++)
            body(i);
    };
    std::vector<std::jthread> helpers;
    const auto num_helpers = std::min<std::size_t>(count, static_cast<std::size_t>(std::max(1, num_threads)));
    for (std::size_t i = 1; i < num_helpers; ++i)
        helpers.emplace_back(work);
    work();
}

}  // namespace headlight
