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
    // Of a decoder: what its encoder read and gave, [M, D], and heads and sum of cross-attention.
    std::vector<std::int32_t> encoder_ids;
    torch::Tensor encoder_hidden;
    std::vector<torch::Tensor> cross_heads, cross;

    int num_tokens() const { return static_cast<int>(ids.size()); }
};

/// The decoder of an encoder-decoder as a model of its own, whose one text is the decoder's. Weights are
/// shared.
LoadedModel decoder_of(const LoadedModel& model);

/// The encoder of one as a model of its own.
LoadedModel encoder_of(const LoadedModel& model);

/// What an encoder gives, [M, D]. Errors: as check_ids().
Result<torch::Tensor> encode(const LoadedModel& model, std::span<const std::int32_t> ids);

/// The pass of a text; of decoder_of() over what the encoder gave for `encoder_ids` (undefined and empty for
/// other models). Errors: Unsupported (encoder-decoders as a whole), OutOfMemory (what is kept grows with
/// layers times tokens), Cancelled, those of check_ids() and check_finite().
Result<Recording> record(LoadedModel& model, std::span<const std::int32_t> ids, int num_threads,
                         const JobContext& job, std::span<const std::int32_t> encoder_ids = {},
                         const torch::Tensor& encoder_hidden = {});

}  // namespace headlight
