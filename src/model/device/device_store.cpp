#include "model/device/device_store.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <limits>

#include "model/device/device_capture.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

// Scores of a block; a handful of tensors of this size are there at once.
constexpr std::int64_t kProcessorFloats = std::int64_t{1} << 21, kGpuFloats = std::int64_t{1} << 25;
constexpr std::int64_t kMostRows = 512;

class DeviceStore final : public KeyValueStore {
  public:
    DeviceStore(const Architecture& arch, torch::Device device, std::int64_t block_floats)
        : arch_(arch),
          options_(torch::TensorOptions().dtype(torch::kFloat32).device(device)),
          block_floats_(block_floats > 0  ? block_floats
                        : device.is_cpu() ? kProcessorFloats
                                          : kGpuFloats),
          layers_(static_cast<std::size_t>(arch.num_layers)) {}

    void reserve(int num_tokens, int num_kept) override;
    std::unique_ptr<AttentionStep> attention(CapturePlan plan) override;
    torch::Tensor values(int layer, int kv_head, int num_tokens) override {
        return this->layer(layer).values[kv_head].narrow(0, 0, num_tokens).to(torch::kCPU);
    }

    struct Layer {
        torch::Tensor keys, values;  // [Hkv, capacity, head_dim]
    };
    Layer& layer(int index) { return layers_[static_cast<std::size_t>(index)]; }
    torch::Device device() const { return options_.device(); }
    /// Query rows of a block of a text of `num_keys`.
    int block_rows(int num_keys) const {
        const std::int64_t row = std::int64_t{arch_.num_heads} * std::max(1, num_keys);
        return static_cast<int>(std::clamp<std::int64_t>(block_floats_ / row, 1, kMostRows));
    }

  private:
    const Architecture& arch_;
    torch::TensorOptions options_;
    std::int64_t block_floats_;
    int capacity_ = 0;
    std::vector<Layer> layers_;
};

void DeviceStore::reserve(int num_tokens, int num_kept) {
    if (num_tokens <= capacity_) return;
    constexpr int kLeastMore = 64, kMostMore = 2048;  // as KvCache: typing at the end moves nothing
    capacity_ = std::max(num_tokens + kLeastMore, capacity_ + std::min(kMostMore, capacity_ / 2));
    for (Layer& layer : layers_) {
        const auto larger = [&](const torch::Tensor& old) {
            torch::Tensor made = torch::empty({arch_.num_kv_heads, capacity_, arch_.head_dim}, options_);
            if (num_kept > 0) made.narrow(1, 0, num_kept).copy_(old.narrow(1, 0, num_kept));
            return made;
        };
        layer.keys = larger(layer.keys);
        layer.values = larger(layer.values);
    }
}

class DeviceAttention final : public AttentionStep {
  public:
    DeviceAttention(const Architecture& arch, DeviceStore& store, CapturePlan plan)
        : arch_(arch),
          store_(store),
          plan_(std::move(plan)),
          block_rows_(store.block_rows(plan_.num_keys)),
          capture_(arch, plan_, block_rows_, store.device()) {}

    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

  private:
    /// x [1, N, heads * head_dim] by head.
    torch::Tensor by_head(const torch::Tensor& x) const { return x.unflatten(-1, {-1, arch_.head_dim}); }
    void put_keys(int layer, const torch::Tensor& key, const torch::Tensor& value);
    /// Scores [H, R, K] become what the softmax takes.
    torch::Tensor ruled(torch::Tensor scores, const AttentionInputs& inputs, int layer, int query, int low);
    torch::Tensor bias_of(const ScoreBiasTable& table, int query, std::int64_t rows, int low,
                          std::int64_t keys);
    torch::Tensor forbidden(int layer, int query, std::int64_t rows, int low, std::int64_t keys) const;
    /// What rows [first, first + rows) of query [H, N, head_dim] take from the values, [H, rows, head_dim].
    torch::Tensor attend_rows(int layer, const AttentionInputs& inputs, const torch::Tensor& query, int first,
                              int rows);

    const Architecture& arch_;
    DeviceStore& store_;
    const CapturePlan plan_;
    int block_rows_;
    DeviceCapture capture_;
    std::shared_ptr<const std::vector<float>> bias_values_;  // that lie on the device as
    torch::Tensor bias_;
};

void DeviceAttention::put_keys(int layer, const torch::Tensor& key, const torch::Tensor& value) {
    DeviceStore::Layer& kept = store_.layer(layer);
    const std::int64_t count = key.size(0);
    kept.keys.narrow(1, plan_.begin, count).copy_(key.transpose(0, 1));
    kept.values.narrow(1, plan_.begin, count).copy_(value.transpose(0, 1));
}

torch::Tensor DeviceAttention::bias_of(const ScoreBiasTable& table, int query, std::int64_t rows, int low,
                                       std::int64_t keys) {
    if (table.values != bias_values_) {
        float* values = const_cast<float*>(table.values->data());  // only read
        const auto size = static_cast<std::int64_t>(table.values->size());
        bias_ = torch::from_blob(values, {size}, torch::kFloat32).to(store_.device());
        bias_values_ = table.values;
    }
    // Strides are not negative here: a bias by distance is read from its last row on.
    const bool is_backwards = table.query_stride < 0;
    const std::int64_t first =
        table.origin + low + (is_backwards ? query + rows - 1 : query) * table.query_stride;
    const torch::Tensor part = bias_.as_strided({arch_.num_heads, rows, keys},
                                                {table.head_stride, std::abs(table.query_stride), 1}, first);
    return is_backwards ? part.flip(1) : part;
}

torch::Tensor DeviceAttention::forbidden(int layer, int query, std::int64_t rows, int low,
                                         std::int64_t keys) const {
    const auto options = torch::TensorOptions().dtype(torch::kInt32).device(store_.device());
    const torch::Tensor at = (query + torch::arange(rows, options)).unsqueeze(1),
                        from = (low + torch::arange(keys, options)).unsqueeze(0);
    const torch::Tensor distance = at - from;  // [R, K]
    const int window = arch_.window_of(layer);
    if (window < 0) {
        const torch::Tensor is_other = at.floor_divide(-window).ne(from.floor_divide(-window));
        return arch_.is_causal ? is_other.logical_or(distance.lt(0)) : is_other;
    }
    if (!arch_.is_causal) return distance.abs().gt(window);
    const torch::Tensor is_later = distance.lt(0);
    return window > 0 ? is_later.logical_or(distance.ge(window)) : is_later;
}

torch::Tensor DeviceAttention::ruled(torch::Tensor scores, const AttentionInputs& inputs, int layer,
                                     int query, int low) {
    const std::int64_t rows = scores.size(1), keys = scores.size(2);
    if (inputs.bias) scores.add_(bias_of(inputs.bias, query, rows, low, keys));
    const double cap = arch_.attention_softcap;
    if (cap > 0) scores = scores.div_(cap).tanh_().mul_(cap);
    const bool has_mask = !plan_.is_cross && (arch_.is_causal || arch_.window_of(layer) != 0);
    if (!has_mask) return scores;
    return scores.masked_fill_(forbidden(layer, query, rows, low, keys),
                               -std::numeric_limits<float>::infinity());
}

torch::Tensor DeviceAttention::attend_rows(int layer, const AttentionInputs& inputs,
                                           const torch::Tensor& query, int first, int rows) {
    const KernelMask mask{plan_.num_keys, arch_.is_causal, arch_.window_of(layer), plan_.is_cross};
    const int begin = plan_.begin + first, low = mask.range(begin).begin,
              keys = mask.range(begin + rows - 1).end - low;
    const std::int64_t kv_heads = arch_.num_kv_heads, depth = arch_.head_dim;
    const DeviceStore::Layer& kept = store_.layer(layer);
    // Query heads that share keys are rows of one product.
    const torch::Tensor grouped = query.narrow(1, first, rows).reshape({kv_heads, -1, depth});
    torch::Tensor scores = torch::bmm(grouped, kept.keys.narrow(1, low, keys).transpose(1, 2))
                               .view({arch_.num_heads, rows, keys});
    scores = ruled(scores, inputs, layer, begin, low);
    ScoredBlock block{layer, first, low, {}, {}, scores.amax(-1), {}};
    block.shifted = scores.sub_(block.max.unsqueeze(-1));
    block.e = block.shifted.exp();
    torch::Tensor total = block.e.sum(-1).to(torch::kFloat64);
    if (inputs.sinks.defined()) {
        const torch::Tensor sinks = inputs.sinks.to(torch::kFloat64).unsqueeze(1);
        total = total + (sinks - block.max.to(torch::kFloat64)).exp();
    }
    block.inverse = total.reciprocal().to(torch::kFloat32);
    if (capture_.is_wanted()) capture_.take(block, to_vector(inputs.sinks));
    const torch::Tensor weighed =
        torch::bmm(block.e.view({kv_heads, -1, keys}), kept.values.narrow(1, low, keys));
    return weighed.view({arch_.num_heads, rows, depth}) * block.inverse.unsqueeze(-1);
}

torch::Tensor DeviceAttention::attend(int layer, const AttentionInputs& inputs) {
    const RopePairing pairing = arch_.rope_settings(layer).pairing;
    const torch::Tensor query =
        place_queries(by_head(inputs.query), inputs.table, pairing, inputs.query_gain)[0] *
        static_cast<double>(arch_.scale_of(layer));  // [N, H, head_dim]
    if (inputs.key.defined()) {
        const torch::Tensor key = place_keys(by_head(inputs.key), inputs.table, pairing, inputs.key_gain)[0];
        put_keys(layer, key, by_head(inputs.value)[0]);
        capture_.keep_query_key(layer, query, key);
    }
    const torch::Tensor queries = query.transpose(0, 1);
    torch::Tensor out = torch::empty_like(query, at::MemoryFormat::Contiguous);
    const auto num_rows = static_cast<int>(query.size(0));
    for (int first = 0; first < num_rows; first += block_rows_) {
        const int rows = std::min(block_rows_, num_rows - first);
        out.narrow(0, first, rows).copy_(attend_rows(layer, inputs, queries, first, rows).transpose(0, 1));
    }
    capture_.finish_layer(layer);
    return out.view({1, num_rows, arch_.query_size()});
}

std::unique_ptr<AttentionStep> DeviceStore::attention(CapturePlan plan) {
    return std::make_unique<DeviceAttention>(arch_, *this, std::move(plan));
}

}  // namespace

std::unique_ptr<KeyValueStore> make_device_store(const Architecture& arch, torch::Device device,
                                                 std::int64_t block_floats) {
    return std::make_unique<DeviceStore>(arch, device, block_floats);
}

}  // namespace headlight
