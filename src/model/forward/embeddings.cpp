// What enters the first block.
#include <cmath>

#include "core/token.h"
#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/picture/picture_rows.h"

namespace headlight {
namespace {

constexpr std::int64_t kSegmentUnit = std::int64_t{1} << kSegmentShift;

/// What read_id() put together, taken apart again.
torch::Tensor token_ids(const torch::Tensor& ids) {
    return ids.remainder(kSegmentUnit);
}
torch::Tensor segments(const torch::Tensor& ids) {
    return ids.floor_divide(kSegmentUnit);
}

/// Rows [B, N] of the position table: tokens are counted from 1 on, padding tokens are left out and take row
/// 0 of the count. None of the `begin` tokens before is padding.
torch::Tensor rows_without_padding(const Architecture& arch, const torch::Tensor& ids, int begin) {
    const torch::Tensor counts = token_ids(ids).ne(arch.position_pad_id).to(torch::kInt64);
    return (counts.cumsum(1) + begin) * counts + (arch.position_offset - 1);
}

/// sin of the even columns' angles in the first half, cos of the odd ones' in the second, [N, width] (Vaswani
/// et al. 2017, in the order of Marian).
torch::Tensor sinusoids(std::int64_t begin, std::int64_t num_tokens, std::int64_t width) {
    torch::Tensor out = torch::empty({num_tokens, width}, torch::kFloat32);
    float* to = out.mutable_data_ptr<float>();
    const std::int64_t num_sines = (width + 1) / 2;
    for (std::int64_t t = 0; t < num_tokens; ++t) {
        for (std::int64_t i = 0; i < width; ++i) {
            const std::int64_t pair = i < num_sines ? i : i - num_sines;
            const double angle =
                static_cast<double>(begin + t) / std::pow(10000.0, 2.0 * static_cast<double>(pair) / width);
            to[t * width + i] = static_cast<float>(i < num_sines ? std::sin(angle) : std::cos(angle));
        }
    }
    return out;
}

/// The same with half - 1 in place of half, so that the last frequency is 1/10000 (tensor2tensor), for `rows`
/// of any shape; in float32, as the reference library makes its table. Padding is zeros.
torch::Tensor sinusoids_to_end(const Architecture& arch, const torch::Tensor& rows, std::int64_t width) {
    const std::int64_t half = width / 2;
    const double step = std::log(10000.0) / static_cast<double>(half - 1);
    const torch::Tensor frequencies =
        torch::exp(torch::arange(half, torch::kInt64).to(torch::kFloat32) * -step);
    const torch::Tensor angles = rows.to(torch::kFloat32).unsqueeze(-1) * frequencies;
    torch::Tensor out = torch::cat({angles.sin(), angles.cos()}, -1);
    if (width % 2 == 1) out = torch::constant_pad_nd(out, {0, 1});
    if (arch.position_pad_id < 0) return out;
    return out.masked_fill(rows.eq(arch.position_offset - 1).unsqueeze(-1), 0);
}

/// ESM: tokens that are masked are zeros, and the others as strong as in training, where a share of them was.
torch::Tensor drop_masked(const Architecture& arch, const torch::Tensor& ids, const torch::Tensor& x) {
    constexpr double kKeptInTraining = 1 - 0.15 * 0.8;
    const torch::Tensor is_masked = token_ids(ids).eq(arch.dropout_mask_id);
    const torch::Tensor rest = x.masked_fill(is_masked.unsqueeze(-1), 0) * kKeptInTraining;
    if (ids.dim() < 2) return rest;  // tokens by themselves, not a text
    const auto count = static_cast<double>(ids.size(-1));
    const torch::Tensor observed = is_masked.sum(-1, /*keepdim=*/true).to(torch::kFloat32) / count;
    return rest / (1 - observed).clamp_min(1 / count).unsqueeze(-1);
}

/// Each token between the one after it and the one before it, zeros beyond the ends; tokens by themselves [n]
/// have no neighbours.
torch::Tensor with_neighbours(const torch::Tensor& x, bool is_text) {
    const torch::Tensor zeros = torch::zeros_like(x);
    if (!is_text) return torch::cat({zeros, x, zeros}, -1);
    const std::int64_t count = x.size(1);
    const torch::Tensor edge = zeros.narrow(1, 0, 1);
    const torch::Tensor after = torch::cat({x.narrow(1, 1, count - 1), edge}, 1),
                        before = torch::cat({edge, x.narrow(1, 0, count - 1)}, 1);
    return torch::cat({after, x, before}, -1);
}

}  // namespace

torch::Tensor position_rows(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            int begin) {
    const std::int64_t first = std::int64_t{begin} + arch.position_offset;
    if (arch.position == PositionKind::Sinusoidal) {
        const std::int64_t width = arch.projects_after_norm ? arch.table_width() : arch.hidden_size;
        if (!arch.sinusoids_reach_end) return sinusoids(first, ids.size(1), width);
        const torch::Tensor rows = arch.position_pad_id >= 0
                                       ? rows_without_padding(arch, ids, begin)
                                       : torch::arange(first, first + ids.size(1), torch::kInt64);
        return sinusoids_to_end(arch, rows, width);
    }
    if (arch.position != PositionKind::Learned) return {};
    if (arch.position_pad_id >= 0)
        return weights.position_embedding.gather(rows_without_padding(arch, ids, begin))
            .to(weights.compute_type);
    return weights.position_embedding.rows(first, ids.size(1)).to(weights.compute_type);
}

torch::Tensor embed_with(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                         const torch::Tensor& positions) {
    torch::Tensor x = (weights.pictures != nullptr ? weights.pictures->gather(ids)
                                                   : weights.token_embedding.gather(token_ids(ids)))
                          .to(weights.compute_type);
    if (arch.embedding_scale != 1.0) x = x * arch.embedding_scale;
    if (arch.dropout_mask_id >= 0) x = drop_masked(arch, ids, x);
    const bool is_projected = weights.embedding_projection.defined();
    if (arch.has_trigrams) x = with_neighbours(x, ids.dim() > 1);
    if (is_projected && !arch.projects_after_norm)
        x = project(x, weights.embedding_projection, weights.embedding_projection_bias);
    if (arch.num_token_types == 1)
        x = add_residual(x, weights.type_embedding.rows(0, 1)[0].to(weights.compute_type));
    if (arch.num_token_types > 1)
        x = add_residual(x, weights.type_embedding.gather(segments(ids)).to(weights.compute_type));
    if (arch.num_task_types > 0)
        x = add_residual(x, weights.task_embedding.rows(0, 1)[0].to(weights.compute_type));
    if (positions.defined() && !arch.norms_before_positions) x = add_residual(x, positions);
    if (arch.has_embedding_norm) x = normalize(arch, x, weights.embedding_norm, weights.embedding_norm_bias);
    if (positions.defined() && arch.norms_before_positions) x = add_residual(x, positions);
    if (is_projected && arch.projects_after_norm) {
        x = project(x, weights.embedding_projection, weights.embedding_projection_bias);
    }
    return x;
}

torch::Tensor embed_tokens(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                           int begin) {
    return embed_with(arch, weights, ids, position_rows(arch, weights, ids, begin));
}

}  // namespace headlight
