// Attention of one text in a safetensors file: ours, and those that other programs write with the same names.
//   input_ids [N] i64, attn.{layer} [H, N, N] f32 (rows are queries), logits [N, V] f32, hidden.{l} [N, D] f32
// Metadata: model, family, dtype, tokens (JSON list of pieces), headlight_version, and `headlight`: JSON with the
// model spec, the text and every token, so that a dump can be shown without the model.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/matrix.h"
#include "core/model_spec.h"
#include "core/token.h"

namespace headlight {

struct AttentionDump {
    ModelSpec spec;
    TokenizedText tokens;
    TracePtr trace;              // of an encoder-decoder the encoder's
    Matrix logits;               // [N, V]; empty if there are none. One row per decoder token if there is a decoder
    std::vector<Matrix> hidden;  // l = 0 enters block 0, l = i leaves block i-1; each [N, D]; may be empty
    TokenizedText decoder_tokens;           // encoder-decoders only, as all below: what the decoder read
    TracePtr decoder_trace, cross_trace;    // [M, M] and [M, N]
    std::vector<Matrix> decoder_hidden;     // each [M, D]; may be empty
};

/// Streams block of rows by block of rows, so that a long text is never whole in memory; appears whole or not at all.
/// Errors: InvalidInput (sizes that contradict each other), Cancelled, Internal (the disk).
Status write_attention_dump(const std::string& path, const AttentionDump& dump, const JobContext& job = {});

/// Only `attn.{layer}` must be there (f32, f64, f16 or bf16; a leading axis of 1 is dropped); what else is missing is
/// filled with what can be said: tokens are then named by id or position, the mask is found from the zeros.
/// Rows must be finite, not negative, and sum to about 1. Errors: Missing (says which names were looked for), Corrupt.
Result<AttentionDump> read_attention_dump(const std::string& path);

/// Does the file have a tensor attn.0? Reads the header only; never fails.
bool looks_like_attention_dump(const std::string& path);

}  // namespace headlight
