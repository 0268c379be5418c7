#include "model/batch/stack.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/model_runner.h"
#include "model/forward/score_bias_tables.h"

namespace headlight {
namespace {

/// A row of a product is the same in whole blocks of so many, and vector loops end with a row.
constexpr std::int64_t kBlockRows = 32;

/// Rows meet in attention only. Experts see the rows that chose
/// them: how many those are would decide how their products round.
bool can_share_products(const Architecture& arch) {
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        if (arch.is_sparse(layer) || !arch.has_attention(layer)) return false;
    }
    return !arch.has_convolution() && !arch.has_layer_bias() && !arch.has_buckets_per_layer;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> cut_stacks(const Architecture& arch,
                                                            std::span<const int> lengths) {
    const std::int64_t total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
    const std::int64_t wanted = std::max<std::int64_t>(1, (total + kRowsPerStack - 1) / kRowsPerStack);
    const std::int64_t target = can_share_products(arch) ? (total + wanted - 1) / wanted : 1;
    std::vector<std::pair<std::size_t, std::size_t>> stacks;
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const bool is_full = rows >= target || rows + lengths[i] > kRowsPerStack;
        if (stacks.empty() || is_full) {
            stacks.emplace_back(i, i);
            rows = 0;
        }
        stacks.back().second = i + 1;
        rows += lengths[i];
    }
    return stacks;
}

Stack::Stack(const Architecture& arch, const Weights& weights, std::span<const int> lengths,
             std::int64_t least_rows)
    : arch_(arch), weights_(weights), is_shared_(can_share_products(arch)) {
    std::map<int, std::shared_ptr<const Tables>> tables;
    for (const int length : lengths) {
        std::shared_ptr<const Tables>& of_length = tables[length];
        if (!of_length && is_shared_) {
            of_length = std::make_shared<Tables>(Tables{make_rotary_tables(arch, weights, 0, length, length),
                                                        shared_score_bias(arch, weights, length)});
        }
        texts_.push_back({num_filled_, length, of_length});
        num_filled_ += length;
        longest_ = std::max(longest_, length);
    }
    const std::int64_t whole = (num_filled_ + kBlockRows - 1) / kBlockRows * kBlockRows;
    num_rows_ = is_shared_ ? std::max(least_rows, whole) : num_filled_;
}

torch::Tensor Stack::join(std::vector<torch::Tensor> parts) const {
    const std::int64_t missing = num_rows_ - num_filled_;
    if (missing > 0)
        parts.push_back(parts.front().narrow(1, 0, 1).expand({1, missing, parts.front().size(2)}));
    return parts.size() == 1 ? parts.front() : torch::cat(parts, 1);
}

torch::Tensor Stack::part(const torch::Tensor& rows, std::size_t text) const {
    return rows.narrow(1, texts_[text].first, texts_[text].length);
}

PassContext Stack::context(AttentionStep& attention) const {
    // Texts that share products bring tables of their own.
    return make_context(arch_, weights_, attention, is_shared_ ? 1 : longest_,
                        {0, is_shared_ ? 1 : longest_});
}

torch::Tensor StackedAttention::attend(int layer, const AttentionInputs& inputs) {
    if (!stack_.is_shared_) return steps_.front()->attend(layer, inputs);
    torch::Tensor out = torch::empty({1, stack_.num_rows_, stack_.arch_.query_size()}, torch::kFloat32);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const Stack::Tables& tables = *stack_.texts_[i].tables;
        const AttentionInputs part{stack_.part(inputs.query, i),
                                   stack_.part(inputs.key, i),
                                   stack_.part(inputs.value, i),
                                   tables.rotary.of(stack_.arch_.rope_of(layer)),
                                   tables.bias,
                                   inputs.sinks,
                                   inputs.query_gain,
                                   inputs.key_gain};
        stack_.part(out, i).copy_(steps_[i]->attend(layer, part));
    }
    out.narrow(1, stack_.num_filled_, stack_.num_rows_ - stack_.num_filled_).zero_();
    return out;
}

bool BatchProgress::begin_layer() {
    if (job_.should_stop()) return false;
    const std::lock_guard lock(mutex_);
    job_.report(
        {"running the model", static_cast<double>(num_begun_++) / num_layers_, "several texts at once"});
    return true;
}

bool StackedProbe::wants(Site site, int layer) const {
    return std::any_of(probes_.begin(), probes_.end(),
                       [&](const Probe* probe) { return probe != nullptr && probe->wants(site, layer); });
}

void StackedProbe::visit(Site site, int layer, torch::Tensor& tensor) {
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        if (probes_[i] == nullptr || !probes_[i]->wants(site, layer)) continue;
        const torch::Tensor rows = stack_.part(tensor, i);
        torch::Tensor seen = rows;
        probes_[i]->visit(site, layer, seen);
        if (!seen.is_same(rows)) rows.copy_(seen);
    }
}

}  // namespace headlight
