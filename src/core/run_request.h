// One forward pass with capture: what is asked and what comes back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/attention_trace.h"
#include "core/matrix.h"

namespace headlight {

enum class CaptureMode {
    None,     // run only: nothing of the attention is kept (the baseline of `bench`)
    Auto,     // weights while they fit RunRequest::dense_budget_bytes, else q and k
    Weights,  // always weights
    QueryKey  // always q and k
};

struct RunRequest {
    std::vector<std::int32_t> ids;  // [N], not empty, each < vocab_size
    CaptureMode capture = CaptureMode::Auto;
    std::size_t dense_budget_bytes = std::size_t{256} << 20;
    std::vector<KeySet> key_sets;      // masses to take along, see KeySet
    std::vector<int> logit_positions;  // queries whose logits are wanted; empty = none
    bool wants_all_logits = false;
    bool wants_hidden = false;       // hidden states, for dumps
    bool may_reuse_prefix = true;    // keep the work of tokens that did not change since the last run
    bool wants_value_norms = false;  // RunResult::value_norms
    std::vector<std::int32_t>
        decoder_ids;  // [M] what the decoder of an encoder-decoder reads, its start token first;
                      // empty: the start token alone. Must be empty for other models
};

/// Wall time of parts of a run, milliseconds. What is left of elapsed_ms are the products with weights and
/// what lies between them (norms, activations).
struct RunParts {
    double attention = 0;  // rotation, scores, softmax, statistics, rows that are kept, values
    /// Of that: softmax and, in the same sweep, the statistics, masses of key sets, tiles and rows. They are
    /// not taken apart from it, so there is no time of their own.
    double statistics = 0;
};

struct RunResult {
    TracePtr trace;  // null for CaptureMode::None; of an encoder-decoder the encoder's
    TracePtr decoder_trace,
        cross_trace;  // encoder-decoders only: [M, M] and [M, N]; key sets apply to `trace` alone
    std::vector<int>
        logit_positions;  // rows of `logits`: positions of the text, of the decoder's if there is one
    Matrix logits;        // [positions, vocab]
    Matrix value_norms;   // [L * H, N]: |f_j|, f_j = (x_j W_V + b_V) W_O of that head (Kobayashi et al. 2020)
    std::vector<Matrix> hidden;  // [layer 0..L] of [N, hidden]: 0 enters block 0, i leaves block i-1, last:
                                 // after the final norm
    std::vector<Matrix> decoder_hidden;  // the same of the decoder, [M, hidden]
    int num_reused = 0;                  // tokens whose work was kept
    double elapsed_ms = 0;
    int num_threads = 1;  // that this run used
    RunParts parts;
};

}  // namespace headlight
