// Attention of one text in a file. Ours are safetensors:
//   input_ids [N] i64, of a sentence pair token_type_ids [N] i64, attn.{layer} [H, N, N] f32 (rows are
//   queries), logits [N, V] f32, hidden.{l} [N, D] f32; of encoder-decoders enc_attn.{l}, dec_attn.{l},
//   cross_attn.{l}, decoder_input_ids, enc_hidden.{l}, dec_hidden.{l}
// Metadata: model, family, dtype, tokens (JSON list of pieces), decoder_tokens, has_sink, headlight_version,
// and `headlight`: JSON with the model spec, the text and every token, so that a dump can be shown without
// the model. Other programs' files (.npz, .npy, .safetensors, .pt, .json) are read as dump_formats() and
// dump_names.h say.
#pragma once

#include <cstdint>
#include <span>
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
    TracePtr trace;  // of an encoder-decoder the encoder's. Null in a file that has only decoder or cross
                     // attention, or queries of another text than the keys: then cross_trace holds it
    Matrix logits;   // [N, V]; empty if there are none. One row per decoder token if there is a decoder
    std::vector<Matrix> hidden;    // l = 0 enters block 0, l = i leaves block i-1; each [N, D]; may be empty
    TokenizedText decoder_tokens;  // encoder-decoders only, as all below: what the decoder read
    TracePtr decoder_trace, cross_trace;  // [M, M] and [M, N]
    std::vector<Matrix> decoder_hidden;   // each [M, D]; may be empty
    std::string weights;  // "no-sink", "norm" ...: what the arrays hold in place of weights; empty: weights
    std::vector<std::string> notes;  // for people: what was left out, how unusual axes were read
};

/// An array that goes into a dump beside the attention, under a name of its own.
struct DumpedArray {
    std::string name;  // "words.raw"
    std::vector<std::int64_t> shape;
    std::span<const float> values;
};

struct DumpOptions {
    std::string axes;  // of the attention arrays: a letter each of l, h, q, k, and b for a batch of one;
                       // empty: detected
    std::string name;  // what the trace and messages call the file; empty: its path
    bool is_sealed = false;  // the file can never change: weights are used where they lie
};

/// Streams block of rows by block of rows, so that a long text is never whole in memory; appears whole or not
/// at all. Errors: InvalidInput (sizes that contradict each other), Cancelled, Internal (the disk).
/// `more` follow the attention.
Status write_attention_dump(const std::string& path, const AttentionDump& dump, const JobContext& job = {},
                            std::span<const DumpedArray> more = {});

/// Attention as `attn.{layer}` [H, Q, K] or one array [L, H, Q, K] of the usual names, also with a batch of
/// one or the axes in another order; what else is missing is filled with what can be said: tokens are then
/// named by id or position, the mask is found from the zeros, layer numbers that no array has are absent
/// layers. Rows must be finite, not negative, and sum to 1 (to less if the metadata says has_sink). Errors:
/// Missing (says which names were looked for), Corrupt (with array, layer, head, query), InvalidInput
/// (ambiguous axes: says how to name them in `options`).
Result<AttentionDump> read_attention_dump(const std::string& path, const DumpOptions& options = {});

/// Does the file have an array with a name of attention? Reads as little as the format allows; never fails.
bool looks_like_attention_dump(const std::string& path);

}  // namespace headlight
