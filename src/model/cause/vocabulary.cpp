#include "model/cause/vocabulary.h"

#include <algorithm>
#include <cmath>

#include "model/cause/frozen_stream.h"
#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/forward/torch_attention.h"

namespace headlight {
namespace {

constexpr std::int64_t kTokenBlock = 2048;                         // tokens at a time
constexpr std::int64_t kMostStateBytes = std::int64_t{512} << 20;  // of first-block states

}  // namespace

torch::Tensor after_first_block(const LoadedModel& model, const torch::Tensor& ids) {
    TorchAttention attention(model.arch, nullptr);
    const torch::Tensor start = embed_tokens(model.arch, model.weights, ids.unsqueeze(1), 0);
    const PassContext context = make_context(model.arch, model.weights, attention, 1, {0, 1});
    return run_block(context, 0, start).squeeze(1);
}

torch::Tensor unit_scores(const LoadedModel& model, const torch::Tensor& x) {
    const Architecture& arch = model.arch;
    torch::Tensor y = x;
    if (arch.has_final_norm) y = norm_of(arch, model.weights.final_norm).scaled(y);
    if (arch.has_output_projection) y = project(y, model.weights.output_projection, {});
    return project(y, output_table(model), {});
}

torch::Tensor scores_at_distance_0(const LoadedModel& model, int layer, const torch::Tensor& queries,
                                   const torch::Tensor& keys) {
    const Architecture& arch = model.arch;
    torch::Tensor from = queries * arch.scale_of(layer);
    if (arch.gains_after_rotation) {
        const LayerWeights& weights = model.weights.layers[static_cast<std::size_t>(layer)];
        from = from * (weights.query_norm * weights.key_norm);
    }
    if (arch.rope_of(layer) != RopeUse::None) {
        // cos and sin carry the attention factor on both sides: the rotated coordinates count its square.
        const RopeSettings& rope = arch.rope_settings(layer);
        if (rope.attention_factor != 1.0) {
            from = from.clone();
            from.narrow(1, 0, rope.rotary_dim).mul_(rope.attention_factor * rope.attention_factor);
        }
    }
    return from.mm(keys.t());
}

const torch::Tensor& Vocabulary::mean_row() {
    if (mean_row_.defined()) return mean_row_;
    const WeightMatrix& table = output_table(model_);
    const std::int64_t count = table.size(0);
    torch::Tensor sum = torch::zeros({table.size(1)}, torch::kFloat64);
    for (std::int64_t begin = 0; begin < count; begin += kTokenBlock)
        sum += table.rows(begin, std::min(kTokenBlock, count - begin)).sum(0, false, torch::kFloat64);
    return mean_row_ = (sum / static_cast<double>(count)).to(torch::kFloat32);
}

torch::Tensor Vocabulary::states(const torch::Tensor& ids, TokenState state) const {
    return state == TokenState::Embedding ? embed_with(model_.arch, model_.weights, ids, {})
                                          : after_first_block(model_, ids);
}

Status Vocabulary::for_each_block(TokenState state, const JobContext& job,
                                  const std::function<void(std::int64_t, const torch::Tensor&)>& body) {
    const std::int64_t count = model_.arch.vocab_size;
    const bool keeps = state == TokenState::FirstBlock &&
                       count * model_.arch.hidden_size * std::int64_t{sizeof(float)} <= kMostStateBytes;
    std::size_t block = 0;
    for (std::int64_t begin = 0; begin < count; begin += kTokenBlock, ++block) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "reading the vocabulary was stopped");
        job.report({"reading the vocabulary", static_cast<double>(begin) / static_cast<double>(count), ""});
        if (keeps && block < first_block_.size()) {
            body(begin, first_block_[block]);
            continue;
        }
        const torch::Tensor ids = torch::arange(begin, std::min(count, begin + kTokenBlock), torch::kInt64);
        const torch::Tensor x = states(ids, state);
        if (keeps) first_block_.push_back(x);
        body(begin, x);
    }
    return {};
}

}  // namespace headlight
