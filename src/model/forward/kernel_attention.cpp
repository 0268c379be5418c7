#include "model/forward/kernel_attention.h"

#include <algorithm>

#include "kernel/worker_pool.h"
#include "model/forward/part_times.h"

namespace headlight {

KernelAttention::KernelAttention(const Architecture& arch, KvCache& cache, CapturePlan plan)
    : arch_(arch),
      cache_(cache),
      plan_(std::move(plan)),
      scratch_(static_cast<std::size_t>(plan_.num_threads)),
      gather_(plan_.tiles, plan_.tiles_before, plan_.begin, plan_.begin + static_cast<int>(plan_.rows.size()),
              kernel_block_rows(kernel_isa()), arch.num_heads, plan_.num_keys, arch.is_causal),
      tile_room_(scratch_.size()) {}

const float* KernelAttention::place(const Rotation& rotation, int token, const float* gain, const float* from,
                                    float* to) {
    if (rotation.cos == nullptr && gain == nullptr) return from;
    const int pairs = rotation.num_pairs;
    const float* cos = rotation.cos + std::int64_t{token} * pairs;
    const float* sin = rotation.sin + std::int64_t{token} * pairs;
    const bool halves = rotation.pairing == RopePairing::Halves;
    const int step = halves ? 1 : 2, partner = halves ? pairs : 1;
    for (int i = 0; i < pairs; ++i) {
        const float a = from[i * step], b = from[i * step + partner];
        to[i * step] = a * cos[i] - b * sin[i];
        to[i * step + partner] = b * cos[i] + a * sin[i];
    }
    std::copy(from + 2 * pairs, from + rotation.depth, to + 2 * pairs);
    for (int d = 0; gain != nullptr && d < rotation.depth; ++d)
        to[d] *= gain[d];
    return to;
}

void KernelAttention::pack_queries(int layer, const float* query, const Rotation& rotation, int first,
                                   int last) {
    const int depth = arch_.head_dim;
    const float scale = arch_.scale_of(layer);
    std::vector<float> turned(static_cast<std::size_t>(depth));
    for (int token = first; token < last; ++token) {
        RowBlock* row = plan_.rows.empty() ? nullptr : plan_.rows[static_cast<std::size_t>(token)];
        const bool keeps_qk = row != nullptr && !row->layout().keeps_weights;
        const float factor = rotation.query_scale == nullptr ? scale : scale * rotation.query_scale[token];
        for (int head = 0; head < arch_.num_heads; ++head) {
            const std::int64_t offset = (std::int64_t{token} * arch_.num_heads + head) * depth;
            const float* from = place(rotation, token, rotation.query_gain, query + offset, turned.data());
            float* to = queries_.data() + (std::int64_t{head} * num_new_ + token) * depth;
            for (int d = 0; d < depth; ++d)
                to[d] = from[d] * factor;
            if (keeps_qk) std::copy_n(to, depth, row->query(layer, head));
        }
    }
}

void KernelAttention::pack_keys(int layer, const float* key, const float* value, const Rotation& rotation,
                                int first, int last) {
    const int depth = arch_.head_dim;
    std::vector<float> turned(static_cast<std::size_t>(depth));
    for (int token = first; token < last; ++token) {
        RowBlock* row =
            plan_.rows.empty() || plan_.is_cross ? nullptr : plan_.rows[static_cast<std::size_t>(token)];
        const bool keeps_qk = row != nullptr && !row->layout().keeps_weights;
        const int position = plan_.begin + token;
        for (int head = 0; head < arch_.num_kv_heads; ++head) {
            const std::int64_t offset = (std::int64_t{token} * arch_.num_kv_heads + head) * depth;
            const float* from = place(rotation, token, rotation.key_gain, key + offset, turned.data());
            float* panel = cache_.keys(layer, head) + std::int64_t{position / kPanel} * depth * kPanel +
                           position % kPanel;
            for (int d = 0; d < depth; ++d)
                panel[d * kPanel] = from[d];
            if (keeps_qk) std::copy_n(from, depth, row->key(layer, head));
            float* values = cache_.values(layer, head) + std::int64_t{position} * kPanel;
            for (int d = 0; d < depth; ++d) {
                values[d / kPanel * cache_.value_stride() + d % kPanel] = value[offset + d];
            }
        }
    }
}

KernelMask KernelAttention::mask(int layer) const {
    return {plan_.num_keys, arch_.is_causal, arch_.window_of(layer), plan_.is_cross};
}

HeadInputs KernelAttention::inputs(int layer, int head, int first, bool wants_values) {
    const int depth = arch_.head_dim, kv_head = head / arch_.group_size();
    HeadInputs out{queries_.data() + (std::int64_t{head} * num_new_ + first) * depth,
                   cache_.keys(layer, kv_head)};
    if (wants_values) out.value_panels = cache_.values(layer, kv_head);
    out.value_stride = cache_.value_stride();
    out.depth = depth;
    if (bias_) {
        out.rule.bias = bias_.row(head, plan_.begin + first);
        out.rule.bias_stride = bias_.query_stride;
    }
    out.rule.softcap = static_cast<float>(arch_.attention_softcap);
    out.rule.has_sink = !sinks_.empty();
    if (out.rule.has_sink) out.rule.sink = sinks_[static_cast<std::size_t>(head)];
    return out;
}

RowTarget KernelAttention::target(int layer, int head, int row, MassTarget* masses) const {
    RowTarget out;
    if (plan_.rows.empty()) return out;
    const RowBlock& block = *plan_.rows[static_cast<std::size_t>(row)];
    out.stats = &block.stats(layer, head);
    if (block.layout().keeps_weights) out.weights = block.weights(layer, head);
    const auto query = static_cast<std::size_t>(plan_.begin + row);
    const KeyRange range = mask(layer).range(plan_.begin + row);
    for (std::size_t set = 0; set < plan_.key_sets.size(); ++set) {
        // Ascending: those that the layer's window lets through are one stretch.
        const std::span<const std::uint32_t> keys = plan_.key_sets[set].row(query);
        const std::uint32_t* first = keys.data();
        const std::uint32_t* last = first + keys.size();
        first = std::lower_bound(first, last, static_cast<std::uint32_t>(range.begin));
        last = std::lower_bound(first, last, static_cast<std::uint32_t>(range.end));
        masses[set] = {first, static_cast<std::size_t>(last - first),
                       &block.mass(static_cast<int>(set), layer, head)};
    }
    out.masses = masses;
    out.num_masses = plan_.key_sets.size();
    return out;
}

void KernelAttention::attend_rows(int layer, int head, int first, int count, float* out, int thread) {
    constexpr std::size_t kMostRows = 64;
    RowTarget targets[kMostRows];
    std::vector<float>& room = tile_room_[static_cast<std::size_t>(thread)];
    std::vector<MassTarget> masses(plan_.key_sets.size() * static_cast<std::size_t>(count));
    for (int r = 0; r < count; ++r) {
        targets[r] = target(layer, head, first + r,
                            masses.data() + static_cast<std::size_t>(r) * plan_.key_sets.size());
        if (gather_.is_wanted()) targets[r].tiles = gather_.row_target(first + r, r, room);
    }
    const std::int64_t stride = arch_.query_size();
    attend_block(kernel_isa(), mask(layer), inputs(layer, head, first, true), plan_.begin + first, count,
                 targets, out + first * stride + std::int64_t{head} * arch_.head_dim, stride,
                 scratch_[static_cast<std::size_t>(thread)]);
    if (gather_.is_wanted()) gather_.pool_block(head, first, count, room);
}

void KernelAttention::write_rows(int layer, int head, std::span<float> out) {
    const int step = kernel_block_rows(kernel_isa());
    std::fill(out.begin(), out.end(), 0.0f);
    std::vector<RowTarget> targets(static_cast<std::size_t>(step));
    for (int first = 0; first < num_new_; first += step) {
        const int count = std::min(step, num_new_ - first);
        for (int r = 0; r < count; ++r) {
            targets[static_cast<std::size_t>(r)].weights =
                out.data() + std::int64_t{first + r} * plan_.num_keys;
        }
        attend_block(kernel_isa(), mask(layer), inputs(layer, head, first, false), plan_.begin + first, count,
                     targets.data(), nullptr, 0, scratch_[0]);
    }
}

/// A thread more pays from some tens of microseconds on.
int KernelAttention::threads_for(double flops) const {
    constexpr double kLeastFlops = 2e6;
    return flops < kLeastFlops ? 1 : plan_.num_threads;
}

// Threads work side by side: the busiest is what the wall clock saw.
RunParts KernelAttention::times() const {
    double statistics = 0;
    for (const KernelScratch& scratch : scratch_)
        statistics = std::max(statistics, scratch.statistics_ms);
    return {attention_ms_, statistics};
}

KernelAttention::Rotation KernelAttention::rotation_of(int layer, const AttentionInputs& inputs,
                                                       std::vector<torch::Tensor>& kept) const {
    const auto floats = [&](const torch::Tensor& x) -> const float* {
        if (!x.defined()) return nullptr;
        kept.push_back(x.contiguous());
        return kept.back().const_data_ptr<float>();
    };
    const RotaryTable& table = inputs.table;
    return {floats(table.cos),
            floats(table.sin),
            table.cos.defined() ? static_cast<int>(table.cos.size(1)) : 0,
            arch_.rope_settings(layer).pairing,
            arch_.head_dim,
            floats(inputs.query_gain),
            floats(inputs.key_gain),
            floats(table.query_scale)};
}

torch::Tensor KernelAttention::attend(int layer, const AttentionInputs& inputs) {
    const PartTimer timer(attention_ms_);
    num_new_ = static_cast<int>(inputs.query.size(1));
    queries_.resize(static_cast<std::size_t>(num_new_) * arch_.query_size());
    bias_ = inputs.bias;
    sinks_.clear();
    if (inputs.sinks.defined()) {
        const torch::Tensor sinks = inputs.sinks.contiguous();
        sinks_.assign(sinks.const_data_ptr<float>(), sinks.const_data_ptr<float>() + sinks.numel());
    }
    const torch::Tensor q = inputs.query.contiguous();
    torch::Tensor k, v;
    if (inputs.key.defined()) {
        k = inputs.key.contiguous();
        v = inputs.value.contiguous();
    }
    std::vector<torch::Tensor> kept;  // what `rotation` points into
    const Rotation rotation = rotation_of(layer, inputs, kept);
    // Whole panels of keys per task: two threads never write to the same cache line.
    const int num_keys = k.defined() ? static_cast<int>(k.size(1)) : 0;
    const int first_panel = plan_.begin / kPanel,
              last_panel = (plan_.begin + std::max(num_new_, num_keys) - 1) / kPanel;
    run_in_pool(last_panel - first_panel + 1, threads_for(2.0 * num_new_ * arch_.query_size()),
                [&](int i, int) {
                    const int begin = std::max(0, (first_panel + i) * kPanel - plan_.begin);
                    const int end = (first_panel + i + 1) * kPanel - plan_.begin;
                    pack_queries(layer, q.const_data_ptr<float>(), rotation, begin, std::min(num_new_, end));
                    if (num_keys == 0) return;
                    pack_keys(layer, k.const_data_ptr<float>(), v.const_data_ptr<float>(), rotation, begin,
                              std::min(num_keys, end));
                });
    torch::Tensor out = torch::empty({1, num_new_, arch_.query_size()}, torch::kFloat32);
    float* out_data = out.mutable_data_ptr<float>();
    const int rows = kernel_block_rows(kernel_isa());
    const int num_blocks = (num_new_ + rows - 1) / rows;
    // The last blocks are the longest: started first, so that no thread ends with one of them alone.
    const double flops = 4.0 * num_new_ * plan_.num_keys * arch_.query_size();
    run_in_pool(num_blocks * arch_.num_heads, threads_for(flops), [&](int task, int thread) {
        const int first = (num_blocks - 1 - task / arch_.num_heads) * rows;
        attend_rows(layer, task % arch_.num_heads, first, std::min(rows, num_new_ - first), out_data, thread);
    });
    if (gather_.is_wanted()) gather_.finish_layer(layer);
    return out;
}

}  // namespace headlight
