// What a job shares with those who wait for it.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>

namespace headlight {

struct JobControl {
    std::stop_source stop;
    std::atomic<double> progress{-1};  // < 0: unknown
};
using JobControlPtr = std::shared_ptr<JobControl>;

}  // namespace headlight
