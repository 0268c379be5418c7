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
/// 0 of the count.
torch::Tensor rows_without_padding(const Architecture& arch, const torch::Tensor& ids) {
    const torch::Tensor counts = token_ids(ids).ne(arch.position_pad_id).to(torch::kInt64);
    return counts.cumsum(1) * counts + (arch.position_offset - 1);
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

/// The same with half - 1 in place of half, so that the last frequency is 1/10000 (tensor2tensor, XGLM).
torch::Tensor sinusoids_to_end(std::int64_t begin, std::int64_t num_tokens, std::int64_t width) {
    torch::Tensor out = torch::zeros({num_tokens, width}, torch::kFloat32);
    float* to = out.mutable_data_ptr<float>();
    const std::int64_t half = width / 2;
    for (std::int64_t t = 0; t < num_tokens; ++t) {
        for (std::int64_t i = 0; i < half; ++i) {
            const double angle = static_cast<double>(begin + t) /
                                 std::pow(10000.0, static_cast<double>(i) / static_cast<double>(half - 1));
            to[t * width + i] = static_cast<float>(std::sin(angle));
            to[t * width + half + i] = static_cast<float>(std::cos(angle));
        }
    }
    return out;
}

}  // namespace

torch::Tensor position_rows(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            int begin) {
    const std::int64_t first = std::int64_t{begin} + arch.position_offset;
    if (arch.position == PositionKind::Sinusoidal) {
        const auto rows_of = arch.sinusoids_reach_end ? sinusoids_to_end : sinusoids;
        return rows_of(first, ids.size(1), arch.projects_after_norm ? arch.table_width() : arch.hidden_size);
    }
    if (arch.position != PositionKind::Learned) return {};
    if (arch.position_pad_id >= 0)
        return weights.position_embedding.gather(rows_without_padding(arch, ids)).to(weights.compute_type);
    return weights.position_embedding.rows(first, ids.size(1)).to(weights.compute_type);
}

torch::Tensor embed_with(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                         const torch::Tensor& positions) {
    torch::Tensor x = (weights.pictures != nullptr ? weights.pictures->gather(ids)
                                                   : weights.token_embedding.gather(token_ids(ids)))
                          .to(weights.compute_type);
    if (arch.embedding_scale != 1.0) x = x * arch.embedding_scale;
    const bool is_projected = weights.embedding_projection.defined();
    if (is_projected && !arch.projects_after_norm) x = project(x, weights.embedding_projection, {});
    if (arch.num_token_types == 1)
        x = add_residual(x, weights.type_embedding.rows(0, 1)[0].to(weights.compute_type));
    if (arch.num_token_types > 1)
        x = add_residual(x, weights.type_embedding.gather(segments(ids)).to(weights.compute_type));
    if (positions.defined()) x = add_residual(x, positions);
    if (arch.has_embedding_norm) x = normalize(arch, x, weights.embedding_norm, weights.embedding_norm_bias);
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
