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

/// Times in ms, the least of interleaved repeats; memory in MB, the most that a process held meanwhile.
struct ReferenceRow {
    int num_tokens = 0, num_threads = 0, num_repeats = 0;
    double forward_ms = 0, capture_ms = 0, append_ms = 0;  // as in BenchRow
    double capture_mb = 0;
    double eager_ms = 0, eager_mb = 0;  // every attention kept, all logits
    double sdpa_ms = 0, sdpa_mb = 0;    // fused, nothing kept, all logits
    double sdpa_last_ms = 0;            // the same, logits of the last position alone
    double reference_append_ms = 0;     // one token more with past_key_values, fused
};

/// Every length with every number of threads of the options; `on_row` is called after each. Hands back what
/// the reference says it is: "torch 2.13.0, transformers 5.0". Errors: Unsupported (no model that predicts
/// the next token, or the interpreter fails, with its words), those of the engine, Cancelled.
Result<std::string> bench_beside_reference(LiveModel& model, const BenchOptions& options,
                                           const ReferenceOptions& reference, const JobContext& job,
                                           const std::function<void(const ReferenceRow&)>& on_row);

Json reference_row_json(const ReferenceRow& row);
/// Head and one line of a table.
std::string reference_head_text();
std::string reference_row_text(const ReferenceRow& row);

}  // namespace headlight
