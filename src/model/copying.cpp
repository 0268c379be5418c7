#include "model/copying.h"

#include <algorithm>

#include "core/head_grid.h"
#include "model/cause/vocabulary.h"
#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/request_check.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

constexpr std::int64_t kRankBlockBytes = std::int64_t{64} << 20;  // logits of one block of tokens

/// Ids of single tokens: in the vocabulary, any number of them.
Status check_tokens(const Architecture& arch, std::span<const std::int32_t> ids) {
    if (ids.empty()) return fail(ErrorKind::InvalidInput, "there are no tokens to copy");
    for (std::size_t i = 0; i < ids.size(); ++i)
        HEADLIGHT_CHECK(check_ids(arch, ids.subspan(i, 1)));
    return {};
}

/// Ranks of the ids among the logits of `moved` [ids, D], head by head's contribution.
void write_ranks(const LoadedModel& model, const torch::Tensor& moved, const torch::Tensor& ids,
                 std::span<float> out) {
    const std::int64_t step =
        std::max<std::int64_t>(1, kRankBlockBytes / (std::int64_t{model.arch.vocab_size} * 4));
    for (std::int64_t begin = 0; begin < ids.size(0); begin += step) {
        const std::int64_t end = std::min(ids.size(0), begin + step);
        const torch::Tensor hidden = finish_hidden(model.arch, model.weights, moved.slice(0, begin, end));
        const torch::Tensor logits = output_logits(model.arch, model.weights, hidden);
        const torch::Tensor own = logits.gather(1, ids.slice(0, begin, end).unsqueeze(1));
        const torch::Tensor ranks = logits.gt(own).sum(1).to(torch::kFloat32).contiguous();
        std::copy_n(ranks.const_data_ptr<float>(), end - begin, out.begin() + begin);
    }
}

}  // namespace

Result<Matrix> copy_ranks_of(const LoadedModel& model, std::span<const std::int32_t> ids, bool negates,
                             const JobContext& job) {
    const Architecture& arch = model.arch;
    if (arch.decoder != nullptr || !arch.has_head) {
        return fail(ErrorKind::Unsupported,
                    "copying is measured through the output matrix, which this model does not "
                    "have behind its layers");
    }
    HEADLIGHT_CHECK(check_has_attention(arch, "copying"));
    HEADLIGHT_CHECK(check_tokens(arch, ids));
    const torch::Tensor tokens = to_indices(ids), start = after_first_block(model, tokens);
    const HeadGrid grid{arch.num_layers, arch.num_heads};
    Matrix ranks(static_cast<std::int64_t>(grid.size()), static_cast<std::int64_t>(ids.size()));
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const LayerWeights& weights = model.weights.layers[static_cast<std::size_t>(layer)];
        const torch::Tensor normed = attention_input(arch, model.weights, layer, start);
        const torch::Tensor values =
            project_values(arch, model.weights, layer, normed);  // [ids, Hkv * head_dim]
        for (int head = 0; head < arch.num_heads; ++head) {
            const auto row = static_cast<std::int64_t>(grid.index({layer, head}));
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "measuring copying was stopped");
            job.report({"measuring copying", static_cast<double>(row) / static_cast<double>(ranks.rows),
                        HeadId{layer, head}.to_string()});
            const std::int64_t width = arch.head_dim;
            const torch::Tensor value = values.narrow(1, head / arch.group_size() * width, width);
            torch::Tensor moved = value.mm(weights.output.columns(head * width, width).t());  // [ids, D]
            if (negates) moved = moved.neg_();
            write_ranks(model, moved, tokens, ranks.row(row));
        }
    }
    return ranks;
}

}  // namespace headlight
