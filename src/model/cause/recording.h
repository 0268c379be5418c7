// One pass of a text with everything kept that explains it: what enters each layer, values, heads' outputs,
// what the parts add.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "model/forward/worker_threads.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// N tokens, float32. Immutable once made.
struct Recording {
    std::vector<std::int32_t> ids;
    std::vector<torch::Tensor> entering;        // [L + 1] of [N, D]: l enters block l, L leaves the last one
    std::vector<torch::Tensor> values;          // [L] of [N, Hkv * head_dim]
    std::vector<torch::Tensor> heads;           // [L] of [N, H * head_dim], before the output projection
    std::vector<torch::Tensor> attention, mlp;  // [L] of [N, D]: Site::AttentionAdded, MlpAdded
    torch::Tensor hidden;                       // [N, D] after the final norm
    TracePtr trace;

    int num_tokens() const { return static_cast<int>(ids.size()); }
};

/// Errors: Unsupported (encoder-decoders), OutOfMemory (what is kept grows with layers times tokens),
/// Cancelled, those of check_ids() and check_finite().
Result<Recording> record(LoadedModel& model, std::span<const std::int32_t> ids, int num_threads,
                         const JobContext& job);

}  // namespace headlight
