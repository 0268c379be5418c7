#include "model/picture/picture_rows.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <algorithm>
#include <stdexcept>

#include "base/sha256.h"
#include "model/weights/weights.h"

namespace headlight {
namespace {

constexpr std::int64_t kMostRowBytes = std::int64_t{4} << 30;  // of all pictures of a model

std::string digest_of(const PixelValues& pixels) {
    Sha256 hash;
    hash.add(fmt::format("{} {} {} ", pixels.channels, pixels.height, pixels.width));
    hash.add(std::as_bytes(std::span(pixels.values)));
    return hash.finish();
}

Status check_pixels(const PatchSettings& patches, const PixelValues& pixels) {
    if (!pixels.is_sound() || pixels.channels != patches.num_channels)
        return fail(ErrorKind::InvalidInput, "the picture has {} channels, the model reads {}",
                    pixels.channels, patches.num_channels);
    const bool fits = pixels.height == patches.image_height && pixels.width == patches.image_width;
    if (!fits && !patches.takes_other_sizes) {
        return fail(ErrorKind::InvalidInput,
                    "the picture has {} x {} pixels (height x width), the model's positions are for {} x {}; "
                    "let its preprocessor_config.json resize to that",
                    pixels.height, pixels.width, patches.image_height, patches.image_width);
    }
    if (pixels.height < patches.patch_height || pixels.width < patches.patch_width)
        return fail(ErrorKind::InvalidInput,
                    "a picture of {} x {} pixels is smaller than one patch ({} x {})", pixels.height,
                    pixels.width, patches.patch_height, patches.patch_width);
    return {};
}

std::vector<std::string> leading_names(const PatchSettings& patches) {
    std::vector<std::string> names;
    if (patches.has_class) names.emplace_back("CLS");
    if (patches.has_distillation) names.emplace_back("DIST");
    for (int i = 0; i < patches.num_registers; ++i)
        names.push_back(fmt::format("REG{}", i + 1));
    return names;
}

/// A convolution whose steps are as long as its kernel is one product: [patches, channels * kernel] W^T + b.
torch::Tensor embed_patches(const PatchSettings& patches, const Weights& weights, const PixelValues& pixels,
                            std::int64_t rows, std::int64_t columns) {
    const std::int64_t height = patches.patch_height, width = patches.patch_width;
    const torch::Tensor image =
        torch::from_blob(const_cast<float*>(pixels.values.data()),
                         {pixels.channels, pixels.height, pixels.width}, torch::kFloat32)
            .narrow(1, 0, rows * height)
            .narrow(2, 0, columns * width);
    const torch::Tensor cut = image.unflatten(1, {rows, height})
                                  .unflatten(3, {columns, width})
                                  .permute({1, 3, 0, 2, 4})
                                  .reshape({rows * columns, -1});
    const torch::Tensor product = cut.matmul(weights.patch_embedding.to(torch::kFloat32).flatten(1).t());
    return weights.patch_embedding_bias.defined() ? product + weights.patch_embedding_bias : product;
}

/// Positions of the learned tokens and of a grid of patches. Other grids are interpolated as the reference
/// does (Caron et al. 2021), also one of as many patches that is no square.
torch::Tensor placed_positions(const PatchSettings& patches, const torch::Tensor& table, std::int64_t rows,
                               std::int64_t columns) {
    const bool fits = rows * columns == std::int64_t{patches.rows()} * patches.columns() &&
                      (rows == columns || !patches.takes_other_sizes);
    if (fits) return table;
    const std::int64_t placed = patches.num_placed();
    const torch::Tensor grid = table.narrow(0, placed, table.size(0) - placed)
                                   .view({1, patches.rows(), patches.columns(), -1})
                                   .permute({0, 3, 1, 2});
    const torch::Tensor resized = patches.smooths_positions
                                      ? at::_upsample_bicubic2d_aa(grid, {rows, columns}, false)
                                      : at::upsample_bicubic2d(grid, {rows, columns}, false);
    return torch::cat(
        {table.narrow(0, 0, placed), resized.permute({0, 2, 3, 1}).reshape({rows * columns, -1})});
}

/// weight [D, in] and bias [D] of what is multiplied by `scale` [D] afterwards.
void fold_scale(WeightMatrix& weight, torch::Tensor& bias, const torch::Tensor& scale) {
    weight = WeightMatrix(weight.widened() * scale.unsqueeze(1));
    if (bias.defined()) bias = bias * scale;
}

}  // namespace

torch::Tensor embed_picture(const Architecture& arch, const Weights& weights, const PixelValues& pixels) {
    const PatchSettings& patches = arch.patches;
    const std::int64_t rows = pixels.height / patches.patch_height,
                       columns = pixels.width / patches.patch_width;
    std::vector<torch::Tensor> parts;
    if (patches.has_class) parts.push_back(weights.class_token.unsqueeze(0));
    if (patches.has_distillation) parts.push_back(weights.distillation_token.unsqueeze(0));
    parts.push_back(embed_patches(patches, weights, pixels, rows, columns));
    torch::Tensor all = torch::cat(parts).to(torch::kFloat32);
    if (patches.has_positions)
        all = all + placed_positions(patches, weights.patch_positions.to(torch::kFloat32), rows, columns);
    if (patches.num_registers == 0) return all;
    const std::int64_t placed = patches.num_placed();
    return torch::cat({all.narrow(0, 0, placed), weights.register_tokens.to(torch::kFloat32),
                       all.narrow(0, placed, all.size(0) - placed)});
}

void fold_layer_scales(const Architecture& arch, Weights& weights) {
    if (!arch.has_layer_scale) return;
    for (LayerWeights& layer : weights.layers) {
        fold_scale(layer.output, layer.output_bias, layer.attention_scale);
        if (arch.has_mlp) fold_scale(layer.down, layer.down_bias, layer.mlp_scale);
    }
}

Result<PictureTokens> PictureRows::add(const Architecture& arch, const Weights& weights,
                                       const PixelValues& pixels) {
    HEADLIGHT_CHECK(check_pixels(arch.patches, pixels));
    auto made = std::make_unique<Picture>();
    made->digest = digest_of(pixels);
    made->tokens.leading = leading_names(arch.patches);
    made->tokens.rows = pixels.height / arch.patches.patch_height;
    made->tokens.columns = pixels.width / arch.patches.patch_width;
    const std::lock_guard lock(mutex_);
    for (const auto& known : pictures_) {
        if (known->digest == made->digest) return known->tokens;
    }
    const std::int64_t first = pictures_.empty() ? 0
                                                 : pictures_.back()->tokens.first_id +
                                                       std::int64_t{pictures_.back()->tokens.count()};
    const std::int64_t end = first + made->tokens.count();
    if (end > kMostPictureIds || end * arch.hidden_size * std::int64_t{sizeof(float)} > kMostRowBytes) {
        return fail(
            ErrorKind::OutOfMemory,
            "{} pictures were shown to the model since it was opened, no more are kept; open it again",
            pictures_.size());
    }
    made->tokens.first_id = static_cast<std::int32_t>(first);
    made->rows = embed_picture(arch, weights, pixels).contiguous();
    pictures_.push_back(std::move(made));
    return pictures_.back()->tokens;
}

const PictureRows::Picture* PictureRows::find(std::int32_t id) const {
    const auto after = std::upper_bound(
        pictures_.begin(), pictures_.end(), id,
        [](std::int32_t wanted, const auto& picture) { return wanted < picture->tokens.first_id; });
    if (after == pictures_.begin()) return nullptr;
    const Picture* found = std::prev(after)->get();
    return id < found->tokens.first_id + found->tokens.count() ? found : nullptr;
}

std::int32_t PictureRows::first_stranger(std::span<const std::int32_t> ids) const {
    const std::lock_guard lock(mutex_);
    for (const std::int32_t id : ids) {
        if (find(id) == nullptr) return id;
    }
    return -1;
}

torch::Tensor PictureRows::gather(const torch::Tensor& ids) const {
    const std::lock_guard lock(mutex_);
    const torch::Tensor flat = ids.flatten().to(torch::kInt64).contiguous();
    std::vector<torch::Tensor> rows;
    rows.reserve(static_cast<std::size_t>(flat.numel()));
    for (const std::int64_t id :
         std::span(flat.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(flat.numel()))) {
        const Picture* picture = find(static_cast<std::int32_t>(id));
        if (picture == nullptr) throw std::out_of_range(fmt::format("id {} is of no picture", id));
        rows.push_back(picture->rows.narrow(0, id - picture->tokens.first_id, 1));
    }
    std::vector<std::int64_t> shape = ids.sizes().vec();
    shape.push_back(-1);
    return torch::cat(rows).view(shape);
}

}  // namespace headlight
