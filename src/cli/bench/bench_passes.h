// The passes that measurements repeat, and the memory that they take.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "run/live_model.h"

namespace headlight {

/// Largest resident memory of this process since the last reset, in MB; 0 where the system does not say.
double peak_memory_mb();
/// Lets the next reading of the peak start from now.
void reset_peak_memory();

/// Token ids to measure with: the same everywhere.
std::vector<std::int32_t> random_ids(int count, int vocab_size);

/// Least times of a pass over its repeats: the clock's, and the processor's of all threads, which other
/// programs on the machine change less.
class Least {
  public:
    void add(double ms, double processor_ms) {
        ms_ = std::min(ms_, ms);
        processor_ms_ = std::min(processor_ms_, processor_ms);
    }
    double ms() const { return ms_; }
    double processor_ms() const { return processor_ms_; }

  private:
    double ms_ = std::numeric_limits<double>::infinity(), processor_ms_ = ms_;
};

/// Passes over the same random text.
struct Passes {
    ModelRunner& runner;
    const JobContext& job;
    std::vector<std::int32_t> ids;  // one more than the row's tokens

    RunRequest request(std::size_t count, CaptureMode capture, bool may_reuse) const;
    /// Errors: the runner's.
    Result<RunResult> timed(const RunRequest& wanted, Least& least);
    /// Another last token: asking for the very same text again would be answered from memory.
    void change_last_token();
};

}  // namespace headlight
