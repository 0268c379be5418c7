#include "io/checkpoint/tensor_values.h"

#include <algorithm>
#include <cstring>

#include "io/checkpoint/quantized.h"

namespace headlight {
namespace {

// Elements may lie at any byte in the mapping, so each is copied out.
template <class Stored, class Out, class Convert>
void convert_all(std::span<const std::byte> bytes, std::vector<Out>& out, Convert convert) {
    const std::size_t count = bytes.size() / sizeof(Stored);
    out.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        Stored value;
        std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
        out[i] = convert(value);
    }
}

tl::unexpected<Error> wrong_type(const Checkpoint& checkpoint, const TensorInfo& tensor,
                                 const char* expected) {
    return fail(make_error(ErrorKind::Unsupported, "expected {}, found {}", expected, to_string(tensor.dtype))
                    .in_file(checkpoint.files.at(tensor.file_index)->path())
                    .at_tensor(tensor.name));
}

/// Two numbers a byte, the low half first: sign, two bits of exponent, one of fraction (e2m1).
std::vector<float> decode_fp4(std::span<const std::byte> bytes) {
    constexpr float kValues[] = {0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};
    std::vector<float> out(2 * bytes.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto bits = std::to_integer<unsigned>(bytes[i / 2]) >> (i % 2 * 4);
        out[i] = (bits & 8U) != 0 ? -kValues[bits & 7U] : kValues[bits & 7U];
    }
    return out;
}

Result<std::vector<float>> decode(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    const auto bytes = checkpoint.bytes(tensor);
    std::vector<float> out;
    switch (tensor.dtype) {
        case DType::Float32:
            convert_all<float>(bytes, out, [](float v) { return v; });
            return out;
        case DType::Float64:
            convert_all<double>(bytes, out, [](double v) { return static_cast<float>(v); });
            return out;
        case DType::Float16:
            convert_all<std::uint16_t>(bytes, out, half_to_float);
            return out;
        case DType::BFloat16:
            convert_all<std::uint16_t>(bytes, out, bfloat16_to_float);
            return out;
        case DType::Float8E4M3:
        case DType::Float8E5M2:
        case DType::Float8E8M0:
            convert_all<std::uint8_t>(bytes, out,
                                      [&](std::uint8_t v) { return float8_to_float(tensor.dtype, v); });
            return out;
        case DType::UInt8:
            if (tensor.scales) return decode_fp4(bytes);  // bytes alone are no weights
            break;
        case DType::Int8:
            if (!tensor.scales) break;
            convert_all<std::int8_t>(bytes, out, [](std::int8_t v) { return static_cast<float>(v); });
            return out;
        default:
            break;
    }
    if (!is_quantized(tensor.dtype)) return wrong_type(checkpoint, tensor, "floating-point values");
    out.resize(static_cast<std::size_t>(tensor.num_elements()));
    dequantize(tensor.dtype, bytes, out);
    return out;
}

/// values [cols, rows] -> [rows, cols]
std::vector<float> transposed(const std::vector<float>& values, std::size_t rows, std::size_t cols) {
    std::vector<float> out(values.size());
    for (std::size_t c = 0; c < cols; ++c) {
        for (std::size_t r = 0; r < rows; ++r)
            out[r * cols + c] = values[c * rows + r];
    }
    return out;
}

/// The same for each matrix of values [experts, cols, rows].
std::vector<float> each_transposed(const std::vector<float>& values, std::span<const std::int64_t> shape) {
    const auto experts = static_cast<std::size_t>(shape[0]), rows = static_cast<std::size_t>(shape[1]);
    const auto cols = static_cast<std::size_t>(shape[2]);
    std::vector<float> out(values.size());
    for (std::size_t i = 0; i < out.size() && i < experts * rows * cols; ++i) {
        const std::size_t expert = i / (rows * cols), row = i / cols % rows, col = i % cols;
        out[i] = values[(expert * cols + col) * rows + row];
    }
    return out;
}

/// Rows 0, 1, 2, 3 ... of a head are i = 0 of the first half, i = 0 of the second, i = 1 of the first ...
std::vector<float> rotary_halves(const std::vector<float>& values, std::size_t rows, std::size_t cols,
                                 std::size_t num_heads) {
    std::vector<float> out(values.size());
    const std::size_t head_dim = rows / num_heads, half = head_dim / 2;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t head = row / head_dim, at = row % head_dim;
        const std::size_t target = head * head_dim + (at % 2) * half + at / 2;
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(row * cols), cols,
                    out.begin() + static_cast<std::ptrdiff_t>(target * cols));
    }
    return out;
}

/// values[i] of row r become those of stored row order[r].
std::vector<float> in_order(const std::vector<float>& values, std::span<const std::uint32_t> order) {
    std::vector<float> out(values.size());
    const std::size_t cols = values.size() / std::max<std::size_t>(1, order.size());
    for (std::size_t row = 0; row < order.size(); ++row)
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(order[row] * cols), cols,
                    out.begin() + static_cast<std::ptrdiff_t>(row * cols));
    return out;
}

/// values [rows, cols] times the scale of their block.
void apply_scales(const BlockScales& scales, std::size_t cols, std::vector<float>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i / cols), col = static_cast<std::int64_t>(i % cols);
        const std::int64_t at = row / scales.block_rows * scales.grid_cols + col / scales.block_cols;
        values[i] *= scales.values[static_cast<std::size_t>(at)];
    }
}

}  // namespace

Result<std::vector<float>> tensor_as_floats(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    HEADLIGHT_TRY(std::vector<float> values, decode(checkpoint, tensor));
    HEADLIGHT_CHECK(checkpoint.check_unchanged(tensor));
    if (is_plain(tensor) || tensor.shape.empty()) return values;
    const auto rows = static_cast<std::size_t>(tensor.shape.front());
    const std::size_t cols = values.size() / std::max<std::size_t>(1, rows);
    if (tensor.scales && cols > 0) {
        const bool is_turned = tensor.is_transposed && tensor.shape.size() > 1;
        const std::int64_t stored_cols =
            is_turned ? tensor.shape[tensor.shape.size() - 2] : tensor.shape.back();
        apply_scales(*tensor.scales, static_cast<std::size_t>(stored_cols), values);
    }
    if (tensor.is_transposed)
        values =
            tensor.shape.size() == 3 ? each_transposed(values, tensor.shape) : transposed(values, rows, cols);
    if (tensor.num_rotary_heads > 0) {
        values = rotary_halves(values, rows, cols, static_cast<std::size_t>(tensor.num_rotary_heads));
    }
    if (tensor.row_order) values = in_order(values, *tensor.row_order);
    if (tensor.added != 0) {
        for (float& value : values)
            value += tensor.added;
    }
    return values;
}

Result<std::vector<std::int64_t>> tensor_as_integers(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    const auto bytes = checkpoint.bytes(tensor);
    std::vector<std::int64_t> out;
    const auto widen = [](auto v) { return static_cast<std::int64_t>(v); };
    switch (tensor.dtype) {
        case DType::Int64:
            convert_all<std::int64_t>(bytes, out, widen);
            break;
        case DType::Int32:
            convert_all<std::int32_t>(bytes, out, widen);
            break;
        case DType::Int16:
            convert_all<std::int16_t>(bytes, out, widen);
            break;
        case DType::Int8:
            convert_all<std::int8_t>(bytes, out, widen);
            break;
        case DType::UInt8:
        case DType::Bool:
            convert_all<std::uint8_t>(bytes, out, widen);
            break;
        case DType::UInt16:
            convert_all<std::uint16_t>(bytes, out, widen);
            break;
        case DType::UInt32:
            convert_all<std::uint32_t>(bytes, out, widen);
            break;
        case DType::UInt64:
            convert_all<std::uint64_t>(bytes, out, widen);
            break;
        default:
            return wrong_type(checkpoint, tensor, "whole numbers");
    }
    HEADLIGHT_CHECK(checkpoint.check_unchanged(tensor));
    return out;
}

}  // namespace headlight
