// This program once more, in a process of its own: what it said, how it ended, how much memory it took.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

struct ChildOutcome {
    int exit_code = -1;  // -1: it was ended by a signal
    int signal = 0;      // that ended it
    bool timed_out = false;
    double peak_mb = 0;  // most resident memory, looked at every few milliseconds
    std::string errors;  // standard error; standard output is thrown away
};

/// Runs `arguments` (without the program's name) in the folder `work_dir`, where it also keeps a file for
/// standard error. After `limit` the child is killed. Errors: Internal (it could not be started).
Result<ChildOutcome> run_self(const std::vector<std::string>& arguments, const std::string& work_dir,
                              std::chrono::seconds limit);

}  // namespace headlight
