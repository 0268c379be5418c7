#include "io/checkpoint/float8_scales.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "io/checkpoint/packed/unpack_weights.h"
#include "io/checkpoint/shard_index.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr std::string_view kBlockScale = "_scale_inv", kScale = "_scale";
constexpr std::int64_t kDefaultBlock = 128;  // where the config does not say

struct Packing {
    std::string_view ending, name;
};
// Names that only packed weights have.
constexpr Packing kPackings[] = {
    {".qweight", "GPTQ or AWQ"},        {".weight_packed", "packed integers"},
    {".weight.absmax", "bitsandbytes"}, {".weight_scale_2", "NVFP4"},
    {".weight_global_scale", "NVFP4"},  {".weight_zero_point", "integers with zero points"}};
// Scales of activations and of the cache: they say nothing of the weights.
constexpr std::string_view kActivations[] = {".input_scale", ".activation_scale", ".k_scale", ".v_scale",
                                             ".output_scale"};

Error at(const Checkpoint& checkpoint, const TensorInfo& tensor, Error error) {
    error.tensor = tensor.name;
    error.file = tensor.file_index < checkpoint.files.size() ? checkpoint.files[tensor.file_index]->path()
                                                             : checkpoint.path;
    return error;
}

/// [rows, cols] of a block of scales, from the settings.
std::pair<std::int64_t, std::int64_t> block_size(const Checkpoint& checkpoint) {
    const nlohmann::json& config = checkpoint.config;
    const auto settings = config.is_object() ? config.find("quantization_config") : config.end();
    if (config.is_object() && settings != config.end() && settings->is_object()) {
        const auto block = settings->find("weight_block_size");
        const bool is_pair = block != settings->end() && block->is_array() && block->size() == 2 &&
                             (*block)[0].is_number_unsigned() && (*block)[1].is_number_unsigned();
        if (is_pair && (*block)[0] > 0 && (*block)[1] > 0 && (*block)[0] <= INT32_MAX &&
            (*block)[1] <= INT32_MAX)
            return {(*block)[0].get<std::int64_t>(), (*block)[1].get<std::int64_t>()};
    }
    return {kDefaultBlock, kDefaultBlock};
}

std::int64_t blocks_in(std::int64_t length, std::int64_t block) {
    return (length + block - 1) / block;
}

Result<std::shared_ptr<const BlockScales>> read_scales(const Checkpoint& checkpoint, const TensorInfo& weight,
                                                       const TensorInfo& scale, bool is_block) {
    auto out = std::make_shared<BlockScales>();
    const auto misfit = [&] {
        return fail(
            at(checkpoint, scale,
               make_error(ErrorKind::Corrupt, "scales of shape {} do not fit the weight {} of shape {}",
                          shape_to_string(scale.shape), weight.name, shape_to_string(weight.shape))));
    };
    if (weight.shape.size() != 2 || scale.shape.size() > 2) return misfit();
    const std::int64_t rows = weight.shape[0], cols = weight.shape[1];
    const std::int64_t grid_rows = scale.shape.empty() ? 1 : scale.shape[0];
    const std::int64_t grid_cols = scale.shape.size() == 2 ? scale.shape[1] : 1;
    if (rows < 1 || cols < 1 || grid_rows < 1 || grid_cols < 1) return misfit();
    const auto [block_rows, block_cols] = block_size(checkpoint);
    if (is_block) {
        out->block_rows = block_rows;
        out->block_cols = block_cols;
    } else {  // one for all, for each row, or for groups of columns
        if (rows % grid_rows != 0 || cols % grid_cols != 0) return misfit();
        out->block_rows = rows / grid_rows;
        out->block_cols = cols / grid_cols;
    }
    if (blocks_in(rows, out->block_rows) != grid_rows || blocks_in(cols, out->block_cols) != grid_cols)
        return misfit();
    out->grid_cols = grid_cols;
    HEADLIGHT_TRY(out->values, tensor_as_floats(checkpoint, scale));
    return std::shared_ptr<const BlockScales>(std::move(out));
}

/// Experts [experts, rows, groups, 16] of bytes with a scale for each group of 32: the checkpoint's weight is
/// the transpose [experts, 32 * groups, rows].
Status unpack_fp4(Checkpoint& checkpoint, TensorInfo& blocks, const std::string& name,
                  const TensorInfo& scales) {
    const std::vector<std::int64_t> shape = blocks.shape;
    const bool fits = blocks.dtype == DType::UInt8 && scales.dtype == DType::UInt8 && shape.size() == 4 &&
                      shape[3] == 16 &&
                      scales.shape == std::vector<std::int64_t>(shape.begin(), shape.end() - 1);
    if (!fits) {
        return fail(at(checkpoint, blocks,
                       make_error(ErrorKind::Corrupt,
                                  "blocks of shape {} and scales of shape {} are no "
                                  "weight in four bits",
                                  shape_to_string(blocks.shape), shape_to_string(scales.shape))));
    }
    auto grid = std::make_shared<BlockScales>();
    grid->block_rows = 1;
    grid->block_cols = 32;
    grid->grid_cols = shape[2];
    HEADLIGHT_TRY(const std::vector<std::int64_t> exponents, tensor_as_integers(checkpoint, scales));
    for (const std::int64_t exponent : exponents)
        grid->values.push_back(std::ldexp(1.0f, static_cast<int>(exponent) - 127));
    blocks.name = name;
    blocks.shape = {shape[0], 32 * shape[2], shape[1]};
    blocks.is_transposed = true;
    blocks.scales = std::move(grid);
    return {};
}

Status unpack_all_fp4(Checkpoint& checkpoint) {
    constexpr std::string_view kBlocks = "_blocks", kScales = "_scales";
    std::set<std::string> used;
    std::vector<TensorInfo> unpacked;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (!tensor.name.ends_with(kBlocks)) continue;
        const std::string name = tensor.name.substr(0, tensor.name.size() - kBlocks.size());
        const TensorInfo* scales = checkpoint.find(name + std::string(kScales));
        if (scales == nullptr) continue;
        unpacked.push_back(tensor);
        HEADLIGHT_CHECK(unpack_fp4(checkpoint, unpacked.back(), name, *scales));
        used.insert({tensor.name, scales->name});
    }
    if (unpacked.empty()) return {};
    std::erase_if(checkpoint.tensors, [&](const TensorInfo& tensor) { return used.contains(tensor.name); });
    std::move(unpacked.begin(), unpacked.end(), std::back_inserter(checkpoint.tensors));
    return sort_tensors(checkpoint);
}

Status refuse_packings(const Checkpoint& checkpoint) {
    for (const TensorInfo& tensor : checkpoint.tensors) {
        for (const Packing& packing : kPackings) {
            if (!tensor.name.ends_with(packing.ending)) continue;
            return fail(at(checkpoint, tensor,
                           make_error(ErrorKind::Unsupported,
                                      "the weights are quantised as {}, which is not "
                                      "read. Open the original checkpoint, or a GGUF file of it",
                                      packing.name)));
        }
    }
    return {};
}

/// Weights in whole numbers under a method that nothing here reads.
Status refuse_whole_numbers(const Checkpoint& checkpoint) {
    const nlohmann::json settings = quantization_settings(checkpoint);
    const auto method = settings.find("quant_method");
    if (method == settings.end() || !method->is_string()) return {};
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const bool is_whole = tensor.dtype == DType::Int8 || tensor.dtype == DType::UInt8 ||
                              tensor.dtype == DType::Int32 || tensor.dtype == DType::UInt32;
        if (!is_whole || tensor.scales || tensor.shape.size() != 2 || !tensor.name.ends_with(".weight"))
            continue;
        return fail(
            at(checkpoint, tensor,
               make_error(ErrorKind::Unsupported,
                          "the weights are quantised as '{}' (quantization_config.quant_method), which is "
                          "not read in this form. Open the original checkpoint, or a GGUF file of it",
                          method->get<std::string>().substr(0, 60))));
    }
    return {};
}

}  // namespace

Status attach_scales(Checkpoint& checkpoint) {
    HEADLIGHT_CHECK(unpack_weights(checkpoint));
    HEADLIGHT_CHECK(refuse_packings(checkpoint));
    HEADLIGHT_CHECK(refuse_whole_numbers(checkpoint));
    HEADLIGHT_CHECK(unpack_all_fp4(checkpoint));
    std::set<std::string> used;
    for (TensorInfo& tensor : checkpoint.tensors) {
        if (tensor.dtype == DType::Float8E8M0 || !is_float8(tensor.dtype)) continue;
        for (const std::string_view ending : {kBlockScale, kScale}) {
            const TensorInfo* scale = checkpoint.find(tensor.name + std::string(ending));
            if (scale == nullptr) continue;
            if (tensor.scales)
                return fail(
                    at(checkpoint, *scale, make_error(ErrorKind::Unsupported, "the weight has two scales")));
            HEADLIGHT_TRY(tensor.scales, read_scales(checkpoint, tensor, *scale, ending == kBlockScale));
            used.insert(scale->name);
        }
    }
    std::erase_if(checkpoint.tensors, [&](const TensorInfo& tensor) {
        return used.contains(tensor.name) ||
               std::any_of(std::begin(kActivations), std::end(kActivations),
                           [&](std::string_view e) { return tensor.name.ends_with(e); });
    });
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const bool is_scale =
            tensor.name.ends_with(".weight_scale") || tensor.name.ends_with(".weight_scale_inv");
        if (!is_scale) continue;
        return fail(at(checkpoint, tensor,
                       make_error(ErrorKind::Unsupported,
                                  "the weights are scaled in a way that is not read: "
                                  "this scale belongs to no weight in eight-bit floats")));
    }
    return {};
}

}  // namespace headlight
