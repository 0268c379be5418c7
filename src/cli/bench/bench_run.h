// Measurements of `bench`: the same passes again and again, interleaved, so that a busy moment hits all of
// them alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/model_options.h"

namespace headlight {

struct BenchRow {
    int num_tokens = 0;
    int num_threads = 0;
    double load_ms = 0;                 // opening the checkpoint (engine already there)
    double forward_ms = 0;              // nothing of the attention kept
    double capture_ms = 0;              // every head of every layer with its row statistics
    double append_ms = 0;               // one more token at the end of a captured text
    std::optional<double> generate_ms;  // one more token that the model writes; nullopt: it writes none
    /// The same by the processor's time of all threads.
    double forward_processor_ms = 0, capture_processor_ms = 0, append_processor_ms = 0;
    double peak_mb = 0;  // largest resident memory of the process during this row
    int num_repeats = 0;
    int num_reused = 0;   // tokens whose work the append kept
    std::string storage;  // how the captured trace is kept
};

struct BenchOptions {
    ModelOptions model;
    std::vector<int> tokens = {16, 64, 256, 1024};
    std::vector<int> threads = {1, 2};
    int num_repeats = 0;  // 0: by time
    bool wants_accuracy = false, wants_causes = false;
};

/// One row; times are the least of the repeats. Errors: those of the engine, Cancelled.
Result<BenchRow> bench_row(LiveModel& model, const BenchOptions& options, int num_tokens, int num_threads,
                           const JobContext& job);

/// What running in each narrower type would change, on the longest of the lengths up to 512 tokens (whole
/// patterns are compared). Errors: those of the engine, Cancelled.
Result<std::vector<PrecisionReport>> bench_accuracy(LiveModel& model, const BenchOptions& options,
                                                    const JobContext& job);

/// "AMD EPYC 9B14, 2 cores"
std::string machine_name();

}  // namespace headlight
