#include "model/forward/score_bias_tables.h"

#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cmath>

#include "model/forward/blocks.h"

namespace headlight {
namespace {

/// slope * position of the key: the same softmax as with slope * (key - query), and the rounding of the
/// reference.
ScoreBiasTable alibi_bias(const Architecture& arch, int num_tokens) {
    auto values = std::make_shared<std::vector<float>>();
    values->reserve(arch.alibi_slopes.size() * static_cast<std::size_t>(num_tokens));
    for (const float slope : arch.alibi_slopes) {
        for (int key = 0; key < num_tokens; ++key) {
            const auto position = static_cast<float>(key);
            values->push_back(arch.rounds_alibi ? static_cast<float>(c10::BFloat16(
                                                      static_cast<float>(c10::BFloat16(slope)) * position))
                                                : slope * position);
        }
    }
    // A bias that is scaled with the scores has the scale in its slopes' factor (Falcon).
    if (arch.scales_alibi) {
        for (float& value : *values)
            value *= arch.scale_of(0);
    }
    return {std::move(values), num_tokens, 0, 0};
}

ScoreBiasTable bucket_bias(const Architecture& arch, const torch::Tensor& table, int num_tokens) {
    const torch::Tensor by_head = table.t().contiguous();  // [H, rows]
    const std::int64_t num_rows = table.size(0);
    const float* from = by_head.const_data_ptr<float>();
    const int width = 2 * num_tokens - 1;
    auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(arch.num_heads) * width);
    for (int i = 0; i < width; ++i) {
        const int bucket =
            distance_bucket(i - (num_tokens - 1), !arch.is_causal, arch.num_buckets, arch.max_distance);
        for (int head = 0; head < arch.num_heads; ++head) {
            (*values)[static_cast<std::size_t>(head) * width + i] = from[head * num_rows + bucket];
        }
    }
    return {std::move(values), width, -1, num_tokens - 1};
}

/// Row of the table for a step from patch `from` to patch `to`, counted from the learned token at 0.
std::int64_t grid_row(const PatchSettings& patches, int from, int to) {
    if (from == 0 || to == 0) return grid_steps(patches) - (from == 0 ? (to == 0 ? 1 : 3) : 2);
    const int columns = patches.columns();
    const int down = (from - 1) / columns - (to - 1) / columns + patches.rows() - 1;
    const int right = (from - 1) % columns - (to - 1) % columns + columns - 1;
    return std::int64_t{down} * (2 * columns - 1) + right;
}

/// A table [grid_steps, H] read for every query and key of the picture (Bao et al. 2021).
ScoreBiasTable grid_bias(const Architecture& arch, const torch::Tensor& table) {
    const int num_tokens = arch.patches.rows() * arch.patches.columns() + 1;
    const torch::Tensor by_head = table.to(torch::kCPU).t().contiguous();  // [H, rows]
    const float* from = by_head.const_data_ptr<float>();
    std::vector<std::int64_t> rows;
    for (int query = 0; query < num_tokens; ++query) {
        for (int key = 0; key < num_tokens; ++key)
            rows.push_back(grid_row(arch.patches, query, key));
    }
    auto values = std::make_shared<std::vector<float>>();
    values->reserve(rows.size() * static_cast<std::size_t>(arch.num_heads));
    for (int head = 0; head < arch.num_heads; ++head) {
        for (const std::int64_t row : rows)
            values->push_back(from[head * table.size(0) + row]);
    }
    return {std::move(values), std::int64_t{num_tokens} * num_tokens, num_tokens, 0};
}

/// [N, H * head_dim] or [2 spans, H * head_dim] -> [H, rows, head_dim]
torch::Tensor by_head(const Architecture& arch, const torch::Tensor& x) {
    return x.view({x.size(0), arch.num_heads, arch.head_dim}).transpose(0, 1);
}

/// Rows of distances num_tokens, num_tokens - 1 .. 1 - num_tokens (query - key): sines, then cosines [2 N,
/// hidden]. Dai et al. 2019.
torch::Tensor distance_sinusoids(const Architecture& arch, int num_tokens) {
    const torch::Tensor exponent =
        torch::arange(0, arch.hidden_size, 2, torch::kInt64).to(torch::kFloat32) / arch.hidden_size;
    const torch::Tensor frequencies = 1 / torch::pow(torch::Scalar(10000), exponent);
    torch::Tensor distances = torch::arange(num_tokens, -num_tokens, -1, torch::kInt64).to(torch::kFloat32);
    if (arch.clamp_length > 0) distances = distances.clamp(-arch.clamp_length, arch.clamp_length);
    const torch::Tensor angles = distances.unsqueeze(1) * frequencies;
    return torch::cat({angles.sin(), angles.cos()}, -1);
}

/// Row of the relative embeddings that a distance query - key reads.
int relative_row(const Architecture& arch, int distance, int num_tokens) {
    if (arch.score_bias == ScoreBias::Relative) return num_tokens - distance;
    const int span = relative_span(arch);
    const int bucket = disentangled_bucket(distance, arch.num_buckets, arch.max_distance);
    return std::clamp(bucket + span, 0, 2 * span - 1);
}

}  // namespace

int distance_bucket(int distance, bool is_bidirectional, int num_buckets, int max_distance) {
    int bucket = 0;
    if (is_bidirectional) {
        num_buckets /= 2;
        if (distance > 0) bucket += num_buckets;
        distance = std::abs(distance);
    } else {
        distance = std::max(0, -distance);
    }
    const int max_exact = num_buckets / 2;
    if (distance < max_exact) return bucket + distance;
    // In float32, as the reference does: at a boundary the rounding decides.
    const float share = std::log(static_cast<float>(distance) / static_cast<float>(max_exact)) /
                        static_cast<float>(std::log(static_cast<double>(max_distance) / max_exact));
    const int far = max_exact + static_cast<int>(share * static_cast<float>(num_buckets - max_exact));
    return bucket + std::min(far, num_buckets - 1);
}

int disentangled_bucket(int distance, int num_buckets, int max_distance) {
    const int middle = num_buckets / 2, size = std::abs(distance);
    if (num_buckets <= 0 || max_distance <= 0 || size <= middle) return distance;
    const float far = std::ceil(std::log(static_cast<float>(size) / static_cast<float>(middle)) /
                                std::log(static_cast<float>(max_distance - 1) / static_cast<float>(middle)) *
                                static_cast<float>(middle - 1)) +
                      static_cast<float>(middle);
    return distance > 0 ? static_cast<int>(far) : -static_cast<int>(far);
}

ScoreBiasTable shared_score_bias(const Architecture& arch, const Weights& weights, int num_tokens) {
    switch (arch.score_bias) {
        case ScoreBias::Alibi:
            return alibi_bias(arch, num_tokens);
        case ScoreBias::Buckets:
            if (arch.has_buckets_per_layer) return {};
            return bucket_bias(arch, weights.relative_bias.widened(), num_tokens);
        case ScoreBias::Grid:
            return arch.has_layer_grid ? ScoreBiasTable() : grid_bias(arch, weights.relative_bias.widened());
        case ScoreBias::None:
        case ScoreBias::Disentangled:
        case ScoreBias::Relative:
            return {};
    }
    return {};
}

std::vector<ScoreBiasTable> layer_score_biases(const Architecture& arch, const Weights& weights,
                                               int num_tokens) {
    std::vector<ScoreBiasTable> tables;
    if (!arch.has_buckets_per_layer) return tables;
    for (const LayerWeights& layer : weights.layers)
        tables.push_back(bucket_bias(arch, layer.relative_bias.widened(), num_tokens));
    return tables;
}

torch::Tensor relative_embeddings(const Architecture& arch, const Weights& weights, int num_tokens) {
    if (arch.score_bias == ScoreBias::Relative) return distance_sinusoids(arch, num_tokens);
    if (arch.score_bias != ScoreBias::Disentangled) return {};
    const torch::Tensor table = weights.relative_embedding.widened();
    if (!arch.has_relative_norm) return table;
    return torch::layer_norm(table, {table.size(1)}, weights.relative_norm, weights.relative_norm_bias,
                             arch.norm_eps);
}

namespace {

/// The scores of one layer by content and position, times the attention scale: DeBERTa's, or
/// Transformer-XL's.
ScoreBiasTable content_bias(const Architecture& arch, const LayerWeights& layer, int index,
                            const torch::Tensor& relative, const torch::Tensor& query,
                            const torch::Tensor& key) {
    const auto num_tokens = static_cast<int>(query.size(0));
    const bool is_relative = arch.score_bias == ScoreBias::Relative;
    const bool shares = arch.shares_position_projection && !is_relative;
    const torch::Tensor reader =
        is_relative ? query - layer.query_bias + layer.distance_query_bias : query;  // of positions
    std::vector<std::int64_t> columns;  // [N, N] row of `relative` that query - key reads
    columns.reserve(static_cast<std::size_t>(num_tokens) * num_tokens);
    for (int i = 0; i < num_tokens; ++i) {
        for (int j = 0; j < num_tokens; ++j)
            columns.push_back(relative_row(arch, i - j, num_tokens));
    }
    const torch::Tensor gather = torch::tensor(columns, torch::kInt64)
                                     .view({1, num_tokens, num_tokens})
                                     .to(query.device())
                                     .expand({arch.num_heads, -1, -1});
    torch::Tensor sum =
        torch::zeros({arch.num_heads, num_tokens, num_tokens}, query.options().dtype(torch::kFloat32));
    if (arch.has_content_to_position) {
        const torch::Tensor projected = project(relative, shares ? layer.key : layer.position_key,
                                                shares ? layer.key_bias : layer.position_key_bias);
        const torch::Tensor scores =
            torch::matmul(by_head(arch, reader), by_head(arch, projected).transpose(1, 2));
        sum = sum + scores.gather(2, gather);
    }
    if (arch.has_position_to_content) {
        const torch::Tensor projected = project(relative, shares ? layer.query : layer.position_query,
                                                shares ? layer.query_bias : layer.position_query_bias);
        const torch::Tensor scores =
            torch::matmul(by_head(arch, key), by_head(arch, projected).transpose(1, 2));
        // Row j of `scores` belongs to a key; the distance that it reads is still query - key.
        sum = sum + scores.gather(2, gather.transpose(1, 2)).transpose(1, 2);
    }
    const torch::Tensor scaled =
        (sum.to(torch::kFloat32) * arch.scale_of(index)).to(torch::kCPU).contiguous();
    const float* from = scaled.const_data_ptr<float>();
    auto values = std::make_shared<std::vector<float>>(from, from + scaled.numel());
    return {std::move(values), std::int64_t{num_tokens} * num_tokens, num_tokens, 0};
}

}  // namespace

ScoreBiasTable layer_score_bias(const Architecture& arch, const Weights& weights, const LayerWeights& layer,
                                int index, const torch::Tensor& relative, const torch::Tensor& query,
                                const torch::Tensor& key) {
    if (arch.score_bias != ScoreBias::Grid) return content_bias(arch, layer, index, relative, query, key);
    torch::Tensor table = layer.grid_bias.widened().to(torch::kCPU);
    if (arch.has_shared_grid) table = table + weights.relative_bias.widened().to(torch::kCPU);
    return grid_bias(arch, table);
}

torch::Tensor bias_tensor(const ScoreBiasTable& table, int num_heads, int num_tokens) {
    torch::Tensor out = torch::empty({num_heads, num_tokens, num_tokens}, torch::kFloat32);
    float* to = out.mutable_data_ptr<float>();
    for (int head = 0; head < num_heads; ++head) {
        for (int query = 0; query < num_tokens; ++query, to += num_tokens) {
            std::copy_n(table.row(head, query), num_tokens, to);
        }
    }
    return out;
}

}  // namespace headlight
