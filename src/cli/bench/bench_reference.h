// A model here and in the reference library (transformers on LibTorch's CPU), with as many threads, in one
// run.
#pragma once

#include <functional>
#include <string>

#include "cli/bench/bench_run.h"
#include "report/json_out.h"

namespace headlight {

struct ReferenceOptions {
    std::string python;  // interpreter with the packages torch and transformers
    std::string model;   // folder that it reads; empty: the same as ours
};

/// The least of interleaved repeats, and the most memory that the process held meanwhile.
struct TimedSide {
    double ms = 0, processor_ms = 0;  // the clock's; the processor's of all threads
    double peak_mb = 0;
};

struct ReferenceRow {
    int num_tokens = 0, num_threads = 0, num_repeats = 0;
    TimedSide forward, capture, append;  // as in BenchRow
    TimedSide eager;                     // every attention kept, all logits
    TimedSide sdpa;                      // fused, nothing kept, all logits
    TimedSide sdpa_last;                 // the same, logits of the last position alone
    TimedSide reference_append;          // one token more with past_key_values, fused
};

/// Every length with every number of threads of the options; `on_row` is called after each. Hands back what
/// the reference says it is: "torch 2.13.0, transformers 5.0". Errors: Unsupported (no model that predicts
/// the next token, or the interpreter fails, with its words), those of the engine, Cancelled.
Result<std::string> bench_beside_reference(LiveModel& model, const BenchOptions& options,
                                           const ReferenceOptions& reference, const JobContext& job,
                                           const std::function<void(const ReferenceRow&)>& on_row);

Json reference_row_json(const ReferenceRow& row);
/// Head and one row of a table; each row has a line of the clock and one of the processor's time.
std::string reference_head_text();
std::string reference_row_text(const ReferenceRow& row);

}  // namespace headlight
