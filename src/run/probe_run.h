// The random-repeat probe in steps of one sequence, so that typing can come in between. Runs on the model
// worker.
#pragma once

#include <memory>
#include <vector>

#include "analysis/probes/probe.h"
#include "base/progress.h"
#include "base/result.h"
#include "run/live_model.h"

namespace headlight {

struct ProbeResult {
    std::uint64_t model_id = 0;
    ProbeSettings settings;
    int num_layers = 0, num_heads = 0;
    std::vector<std::vector<ProbeScore>> heads;  // [layer * num_heads + head][detector, registry order]
};

/// Ids that the probe must not draw: special tokens, bytes and other fragments that are no text, ids that the
/// tokenizer does not know. [vocab_size]; all false without a tokenizer. Reads every token once.
std::vector<bool> excluded_probe_ids(const ModelInfo& model);

class ProbeRun {
  public:
    explicit ProbeRun(ProbeSettings settings) : settings_(settings) {}

    /// Runs the next sequence; a stopped one is run again by the next call. True when all are done.
    /// Errors: Unsupported (vocabulary or positions too small), Cancelled, and those of ModelRunner::run.
    Result<bool> step(const LiveModel& model, const JobContext& job);
    double fraction() const;
    /// Call when step() has said true.
    ProbeResult result(const LiveModel& model) const;

  private:
    Status prepare(const LiveModel& model);

    ProbeSettings settings_;
    std::vector<std::vector<std::int32_t>> sequences_;
    std::unique_ptr<ProbeAccumulator> scores_;  // null before the first step
    std::size_t next_ = 0;
};

}  // namespace headlight
