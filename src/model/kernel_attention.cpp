#include "model/kernel_attention.h"

#include <algorithm>

#include "model/worker_threads.h"

namespace headlight {

KernelAttention::KernelAttention(const Architecture& arch, KvCache& cache, CapturePlan plan)
    : arch_(arch), cache_(cache), plan_(std::move(plan)), scratch_(static_cast<std::size_t>(plan_.num_threads)) {}

void KernelAttention::rotate(const Inputs& inputs, int token, const float* from, float* to) const {
    const int pairs = inputs.num_pairs;
    const float* cos = inputs.cos + std::int64_t{token} * pairs;
    const float* sin = inputs.sin + std::int64_t{token} * pairs;
    const bool halves = arch_.rope.pairing == RopePairing::Halves;
    const int step = halves ? 1 : 2, partner = halves ? pairs : 1;
    for (int i = 0; i < pairs; ++i) {
        const float a = from[i * step], b = from[i * step + partner];
        to[i * step] = a * cos[i] - b * sin[i];
        to[i * step + partner] = b * cos[i] + a * sin[i];
    }
    std::copy(from + 2 * pairs, from + arch_.head_dim, to + 2 * pairs);
}

void KernelAttention::pack_tokens(int layer, const Inputs& inputs, int first, int last) {
    const int depth = arch_.head_dim;
    const float scale = arch_.scale_of(layer);
    std::vector<float> turned(static_cast<std::size_t>(depth));
    const auto turn = [&](int token, const float* from) {
        if (inputs.cos == nullptr) return from;
        rotate(inputs, token, from, turned.data());
        return static_cast<const float*>(turned.data());
    };
    for (int token = first; token < last; ++token) {
        RowBlock* row = plan_.rows.empty() ? nullptr : plan_.rows[static_cast<std::size_t>(token)];
        const bool keeps_qk = row != nullptr && !row->layout().keeps_weights;
        for (int head = 0; head < arch_.num_heads; ++head) {
            const float* from = turn(token, inputs.query + (std::int64_t{token} * arch_.num_heads + head) * depth);
            float* to = queries_.data() + (std::int64_t{head} * num_new_ + token) * depth;
            for (int d = 0; d < depth; ++d) to[d] = from[d] * scale;
            if (keeps_qk) std::copy_n(to, depth, row->query(layer, head));
        }
        const int position = plan_.begin + token;
        for (int head = 0; head < arch_.num_kv_heads; ++head) {
            const std::int64_t offset = (std::int64_t{token} * arch_.num_kv_heads + head) * depth;
            const float* from = turn(token, inputs.key + offset);
            float* panel = cache_.keys(layer, head) + std::int64_t{position / kPanel} * depth * kPanel + position % kPanel;
            for (int d = 0; d < depth; ++d) panel[d * kPanel] = from[d];
            if (keeps_qk) std::copy_n(from, depth, row->key(layer, head));
            float* values = cache_.values(layer, head) + std::int64_t{position} * kPanel;
            for (int d = 0; d < depth; ++d) {
                values[d / kPanel * cache_.value_stride() + d % kPanel] = inputs.value[offset + d];
            }
        }
    }
}

RowTarget KernelAttention::target(int layer, int head, int row, MassTarget* masses) const {
    RowTarget out;
    if (plan_.rows.empty()) return out;
    const RowBlock& block = *plan_.rows[static_cast<std::size_t>(row)];
    out.stats = &block.stats(layer, head);
    if (block.layout().keeps_weights) {
        out.weights = block.weights(layer, head);
    } else {
        out.tiles = {block.tile_width(), block.tile_max(layer, head), block.tile_sum(layer, head)};
    }
    const auto query = static_cast<std::size_t>(plan_.begin + row);
    for (std::size_t set = 0; set < plan_.key_sets.size(); ++set) {
        const KeySet& keys = plan_.key_sets[set];
        masses[set] = {keys.keys.data() + keys.row_begin[query], keys.row_begin[query + 1] - keys.row_begin[query],
                       &block.mass(static_cast<int>(set), layer, head)};
    }
    out.masses = masses;
    out.num_masses = plan_.key_sets.size();
    return out;
}

void KernelAttention::attend_rows(int layer, int head, int first, int count, float* out, int thread) {
    const int depth = arch_.head_dim, kv_head = head / arch_.group_size();
    const KernelMask mask{plan_.num_keys, arch_.is_causal, arch_.window_of(layer)};
    const HeadInputs inputs{queries_.data() + (std::int64_t{head} * num_new_ + first) * depth,
                            cache_.keys(layer, kv_head), cache_.values(layer, kv_head), cache_.value_stride(), depth};
    constexpr std::size_t kMostRows = 64;
    RowTarget targets[kMostRows];
    std::vector<MassTarget> masses(plan_.key_sets.size() * static_cast<std::size_t>(count));
    for (int r = 0; r < count; ++r) {
        targets[r] = target(layer, head, first + r, masses.data() + static_cast<std::size_t>(r) * plan_.key_sets.size());
    }
    const std::int64_t stride = arch_.query_size();
    attend_block(kernel_isa(), mask, inputs, plan_.begin + first, count, targets,
                 out + first * stride + std::int64_t{head} * depth, stride, scratch_[static_cast<std::size_t>(thread)]);
}

void KernelAttention::write_rows(int layer, int head, std::span<float> out) {
    const int depth = arch_.head_dim, step = kernel_block_rows(kernel_isa());
    const KernelMask mask{plan_.num_keys, arch_.is_causal, arch_.window_of(layer)};
    std::fill(out.begin(), out.end(), 0.0f);
    std::vector<RowTarget> targets(static_cast<std::size_t>(step));
    for (int first = 0; first < num_new_; first += step) {
        const int count = std::min(step, num_new_ - first);
        for (int r = 0; r < count; ++r) {
            targets[static_cast<std::size_t>(r)].weights = out.data() + std::int64_t{first + r} * plan_.num_keys;
        }
        const HeadInputs inputs{queries_.data() + (std::int64_t{head} * num_new_ + first) * depth,
                                cache_.keys(layer, head / arch_.group_size()), nullptr, 0, depth};
        attend_block(kernel_isa(), mask, inputs, plan_.begin + first, count, targets.data(), nullptr, 0, scratch_[0]);
    }
}

torch::Tensor KernelAttention::attend(int layer, const torch::Tensor& query, const torch::Tensor& key,
                                      const torch::Tensor& value, const RotaryTable& table) {
    num_new_ = static_cast<int>(query.size(1));
    queries_.resize(static_cast<std::size_t>(num_new_) * arch_.query_size());
    const torch::Tensor q = query.contiguous(), k = key.contiguous(), v = value.contiguous();
    Inputs inputs{q.const_data_ptr<float>(), k.const_data_ptr<float>(), v.const_data_ptr<float>(), nullptr, nullptr};
    torch::Tensor cos, sin;
    if (table.cos.defined()) {
        cos = table.cos.contiguous();
        sin = table.sin.contiguous();
        inputs.cos = cos.const_data_ptr<float>();
        inputs.sin = sin.const_data_ptr<float>();
        inputs.num_pairs = static_cast<int>(cos.size(1));
    }
    // Whole panels of keys per task: two threads never write to the same cache line.
    const int first_panel = plan_.begin / kPanel, last_panel = (plan_.begin + num_new_ - 1) / kPanel;
    run_parallel(last_panel - first_panel + 1, plan_.num_threads, [&](int i, int) {
        const int begin = (first_panel + i) * kPanel - plan_.begin;
        pack_tokens(layer, inputs, std::max(0, begin), std::min(num_new_, begin + kPanel));
    });
    torch::Tensor out = torch::empty({1, num_new_, arch_.query_size()}, torch::kFloat32);
    float* out_data = out.mutable_data_ptr<float>();
    const int rows = kernel_block_rows(kernel_isa());
    const int num_blocks = (num_new_ + rows - 1) / rows;
    // The last blocks are the longest: started first, so that no thread ends with one of them alone.
    run_parallel(num_blocks * arch_.num_heads, plan_.num_threads, [&](int task, int thread) {
        const int first = (num_blocks - 1 - task / arch_.num_heads) * rows;
        attend_rows(layer, task % arch_.num_heads, first, std::min(rows, num_new_ - first), out_data, thread);
    });
    return out;
}

}  // namespace headlight
