// The one forward pass, out of shared blocks that read an Architecture. The trainer runs it with torch's
// attention and gradients, the model runner with the capture kernel in its place.
#pragma once

#include <torch/types.h>

#include "core/run_request.h"
#include "family/architecture.h"
#include "kernel/score_bias.h"
#include "model/forward/probe.h"
#include "model/forward/rope.h"
#include "model/weights/weights.h"

namespace headlight {

/// What stands between the projections of one layer and its scores. H query heads, Hkv key heads, B texts.
struct AttentionInputs {
    torch::Tensor query;  // [B, N, H * head_dim] before rotation
    // [B, M, Hkv * head_dim]; M = N but for cross-attention. Undefined: those that the step has from before.
    torch::Tensor key, value;
    const RotaryTable& table;
    ScoreBiasTable bias;                           // of queries and keys of the whole text
    torch::Tensor sinks;                           // [H] or undefined
    torch::Tensor query_gain = {}, key_gain = {};  // [head_dim] after rotation, or undefined
};

/// What happens between the q, k, v projections and the output projection.
class AttentionStep {
  public:
    virtual ~AttentionStep() = default;
    /// Returns [B, N, H * head_dim].
    virtual torch::Tensor attend(int layer, const AttentionInputs& inputs) = 0;
    /// Of all layers so far; zeros where nobody asks.
    virtual RunParts times() const { return {}; }
};

/// Part of a text: N tokens from position `begin` of a text of `length` tokens.
struct TextSlice {
    int begin = 0;
    int length = 0;
};

/// What all blocks of a pass share. The references must outlive it.
struct PassContext {
    const Architecture& arch;
    const Weights& weights;
    AttentionStep& attention;
    RotaryTables rotary;
    ScoreBiasTable bias;
    std::vector<ScoreBiasTable> layer_bias;  // layer_score_biases(), in place of bias
    torch::Tensor relative;                  // relative_embeddings()
    AttentionStep* cross = nullptr;          // decoders with cross-attention
    torch::Tensor encoder_hidden;  // [B, M, D] what cross-attention reads; undefined: `cross` has its keys
    Probe* probe = nullptr;        // looks into the blocks; forward_from() sets it
};

/// Tables for `num_tokens` tokens from slice.begin on.
PassContext make_context(const Architecture& arch, const Weights& weights, AttentionStep& attention,
                         int num_tokens, TextSlice slice);

/// Hidden states [B, N, D] after the final norm for ids [B, N] int64. Differentiable in the weights (not in
/// score biases); softmax in float32. Undefined when the probe stopped the pass.
torch::Tensor forward_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                             Probe* probe = nullptr);

/// The same pass with another attention step, over a slice of the text.
torch::Tensor forward_slice(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            TextSlice slice, AttentionStep& attention, Probe* probe);

/// What enters the first block: embeddings [B, N, D] of ids [B, N] int64 from position `begin` on.
torch::Tensor embed_tokens(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                           int begin);

/// What learned or sinusoidal positions add to ids [B, N] from position `begin` on, [.., N, D] before any
/// norm; undefined for other models.
torch::Tensor position_rows(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            int begin);

/// embed_tokens() with these positions [.., N, D] in place of the text's own; undefined: none.
torch::Tensor embed_with(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                         const torch::Tensor& positions);

/// Norms stand before the parts of a block; on what they give.
bool norms_before(const Architecture& arch);
bool norms_output(const Architecture& arch);

/// x as the projections of attention in `layer` read it: normed where the architecture does.
torch::Tensor attention_input(const Architecture& arch, const Weights& weights, int layer,
                              const torch::Tensor& x);

/// Queries, keys and values of layer `index` over what attention_input() gives, as Site::Query, Key and Value
/// are.
torch::Tensor project_queries(const Architecture& arch, const Weights& weights, int index,
                              const torch::Tensor& x);
torch::Tensor project_keys(const Architecture& arch, const Weights& weights, int index,
                           const torch::Tensor& x);
torch::Tensor project_values(const Architecture& arch, const Weights& weights, int index,
                             const torch::Tensor& x);

/// One block over x [B, N, D]; writes into x when no gradient is recorded.
torch::Tensor run_block(const PassContext& context, int layer, torch::Tensor x);

/// The rest of a pass: the blocks from `first_layer` on and the final norm, over x [B, N, D] that enters that
/// block. Writes into x when no gradient is recorded.
torch::Tensor forward_from(PassContext& context, torch::Tensor x, int first_layer, Probe* probe);

/// The same pass up to where rows are independent: before the last feed-forward part, where a block ends with
/// one. finish_rows() does the rest for those that somebody looks at.
torch::Tensor forward_to_rows(PassContext& context, torch::Tensor x, int first_layer, Probe* probe);

/// What forward_from() gives for rows [.., D] of what forward_to_rows() gave. Writes into `rows` when no
/// gradient is recorded.
torch::Tensor finish_rows(const Architecture& arch, const Weights& weights, torch::Tensor rows, Probe* probe);

/// The norm (and projection, if there is one) after the last block.
torch::Tensor finish_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& x);

/// Logits [.., vocab] of hidden states [.., D] that left the final norm.
torch::Tensor output_logits(const Architecture& arch, const Weights& weights, const torch::Tensor& hidden);

}  // namespace headlight
