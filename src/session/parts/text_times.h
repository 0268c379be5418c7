// When the run of a text was asked for, and when it came.
#pragma once

#include <chrono>
#include <cstdint>

namespace headlight {

/// Of the newest run that came: Snapshot::part<TextTimes>().
struct TextTimes {
    using Time = std::chrono::steady_clock::time_point;
    static Time now() { return std::chrono::steady_clock::now(); }

    std::uint64_t run_id = 0;  // 0: no text was run
    Time asked;                // of the model's thread
    Time begun, done;          // there
};

}  // namespace headlight
