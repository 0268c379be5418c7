#include "model/weights/stored_weights.h"

#include <cstring>
#include <numeric>

namespace headlight {
namespace {

std::optional<StoredType> stored_type(const TensorInfo& info) {
    switch (info.dtype) {
        case DType::Float32:
            return StoredType::F32;
        case DType::BFloat16:
            return StoredType::BF16;
        case DType::Float16:
            return StoredType::F16;
        case DType::Q8_0:
            return StoredType::Q8_0;
        case DType::Q4_0:
            return StoredType::Q4_0;
        case DType::Q4_1:
            return StoredType::Q4_1;
        case DType::Q5_0:
            return StoredType::Q5_0;
        case DType::Q5_1:
            return StoredType::Q5_1;
        case DType::IQ4_NL:
            return StoredType::IQ4_NL;
        case DType::MXFP4:
            return StoredType::MXFP4;
        case DType::Q2_K:
            return StoredType::Q2_K;
        case DType::Q3_K:
            return StoredType::Q3_K;
        case DType::Q4_K:
            return StoredType::Q4_K;
        case DType::Q5_K:
            return StoredType::Q5_K;
        case DType::Q6_K:
            return StoredType::Q6_K;
        case DType::Float8E4M3:
            return StoredType::F8_E4M3;
        case DType::Float8E5M2:
            return StoredType::F8_E5M2;
        case DType::UInt8:  // bytes alone are no weights
            return info.scales ? std::optional(StoredType::FP4) : std::nullopt;
        default:
            return std::nullopt;
    }
}

using RowOrder = std::shared_ptr<const std::vector<std::uint32_t>>;

/// Stored row of each row of the tensor; null where they are the same.
RowOrder row_order_of(const TensorInfo& info, std::int64_t rows) {
    if (info.num_rotary_heads == 0) return info.row_order;
    // As rotary_halves() in io/checkpoint/tensor_values.cpp: rows of a head alternate between its two halves.
    const auto dim = static_cast<std::uint32_t>(rows / info.num_rotary_heads), half = dim / 2;
    auto order = std::make_shared<std::vector<std::uint32_t>>(static_cast<std::size_t>(rows));
    for (std::uint32_t row = 0; row < order->size(); ++row) {
        const std::uint32_t at = row % dim;
        (*order)[row - at + at % 2 * half + at / 2] = row;
    }
    if (!info.row_order) return order;
    auto both = std::make_shared<std::vector<std::uint32_t>>(*info.row_order);
    for (std::uint32_t& row : *both)
        row = (*order)[row];
    return both;
}

/// The transpose of [rows, cols] two-byte numbers, in squares that stay in the first cache.
std::shared_ptr<const std::vector<std::uint16_t>> turned(const std::byte* from, std::int64_t rows,
                                                         std::int64_t cols) {
    constexpr std::int64_t kSquare = 32;
    auto out = std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(rows * cols));
    for (std::int64_t r0 = 0; r0 < rows; r0 += kSquare) {
        for (std::int64_t c0 = 0; c0 < cols; c0 += kSquare) {
            for (std::int64_t r = r0; r < std::min(rows, r0 + kSquare); ++r) {
                for (std::int64_t c = c0; c < std::min(cols, c0 + kSquare); ++c)
                    std::memcpy(&(*out)[static_cast<std::size_t>(c * rows + r)], from + (r * cols + c) * 2,
                                2);
            }
        }
    }
    return out;
}

}  // namespace

std::optional<StoredMatrix> stored_matrix(const Checkpoint& checkpoint, const TensorInfo& info,
                                          const FileWeight& entry) {
    const std::optional<StoredType> type = stored_type(info);
    const bool is_turned = entry.is_transposed != info.is_transposed;
    const bool is_half = type == StoredType::BF16 || type == StoredType::F16;
    const std::size_t num_axes = info.shape.size();
    const bool is_plain = entry.axes.empty() && entry.num_blocks == 1 && !entry.has_columns;
    if (!type || !is_plain || info.added != 0 || entry.offset != 0 || entry.part >= 0 || entry.num_rows > 0 ||
        num_axes < 2)
        return std::nullopt;
    if (is_turned && (!is_half || entry.num_stacked > 0)) return std::nullopt;
    std::int64_t rows = info.shape[num_axes - 2], cols = info.shape[num_axes - 1];
    if (entry.is_transposed) std::swap(rows, cols);
    const StoredTypeFacts& facts = facts_of(*type);
    if (cols % facts.block != 0) return std::nullopt;
    rows *= std::max(1, entry.num_stacked);
    const std::span<const std::byte> bytes = checkpoint.bytes(info);
    StoredMatrix matrix;
    matrix.type = *type;
    matrix.rows = rows;
    matrix.cols = cols;
    matrix.row_bytes = static_cast<std::size_t>(cols / facts.block) * static_cast<std::size_t>(facts.bytes);
    if (bytes.size() != matrix.size_bytes()) return std::nullopt;
    matrix.row_order = row_order_of(info, rows);
    if (matrix.row_order &&
        (matrix.row_order->size() != static_cast<std::size_t>(rows) || is_turned || entry.is_transposed))
        return std::nullopt;
    if (info.scales) {
        const BlockScales& scales = *info.scales;
        matrix.scales = std::make_shared<StoredScales>(StoredScales{
            scales.block_rows, scales.block_cols, scales.grid_cols, 0, {info.scales, &scales.values}});
    }
    if (is_turned) {
        const auto copy = turned(bytes.data(), cols, rows);
        matrix.data = reinterpret_cast<const std::byte*>(copy->data());
        matrix.owner = copy;
        return matrix;
    }
    matrix.data = bytes.data();
    matrix.owner = info.copy ? std::shared_ptr<const void>(info.copy)
                             : std::shared_ptr<const void>(checkpoint.files[info.file_index]);
    return matrix;
}

StoredMatrix part_of_fused(const StoredMatrix& whole, std::span<const std::int64_t> rows, std::size_t index,
                           int num_groups) {
    const std::int64_t before =
        std::accumulate(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(index), std::int64_t{0});
    if (num_groups == 1) return narrow_rows(whole, before, rows[index]);
    const std::int64_t of_group = whole.rows / num_groups;
    const std::int64_t first = before / num_groups, count = rows[index] / num_groups;
    auto order = std::make_shared<std::vector<std::uint32_t>>();
    order->reserve(static_cast<std::size_t>(rows[index]));
    for (std::int64_t group = 0; group < num_groups; ++group) {
        for (std::int64_t row = 0; row < count; ++row)
            order->push_back(static_cast<std::uint32_t>(whole.stored_row(group * of_group + first + row)));
    }
    StoredMatrix part = whole;
    part.rows = rows[index];
    part.row_order = std::move(order);
    return part;
}

}  // namespace headlight
