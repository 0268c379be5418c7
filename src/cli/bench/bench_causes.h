// What explaining an answer costs beside the forward pass, patching beside an ablation sweep, and batches
// beside the same passes one by one: measured in one run, interleaved.
#pragma once

#include "cli/bench/bench_run.h"
#include "report/json_out.h"

namespace headlight {

struct CauseBench {
    int num_tokens = 0, num_threads = 0;
    double forward_ms = 0;     // nothing kept
    double record_ms = 0;      // the pass that keeps what explains it
    double attribute_ms = 0;   // all parts at all rows
    double cells_ms = 0;       // factors of every cell's effect
    double lens_ms = 0;        // all states at all positions
    double patch_ms = 0;       // every head of the model, one direction
    double sweep_ms = 0;       // every head ablated (zero output), next-token loss
    double one_by_one_ms = 0;  // the same sweep, a pass a head
    int num_heads = 0;         // of the last three
    double text_ms = 0;        // a text captured by itself
    double batch_ms = 0;       // a text captured in a batch of num_texts
    int num_texts = 0;
};

/// One row; times are the least of three, of long work the first. The lens is measured once. Errors:
/// Unsupported where an attribution is not defined, those of the engine, Cancelled.
Result<CauseBench> bench_causes(LiveModel& model, int num_tokens, int num_threads, const JobContext& job);

Json cause_bench_json(const CauseBench& row);
std::string cause_bench_text(const CauseBench& row);

}  // namespace headlight
