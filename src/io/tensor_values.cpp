#include "io/tensor_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "io/quantized.h"

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

}  // namespace

float bfloat16_to_float(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float half_to_float(std::uint16_t bits) {
    const float sign = (bits & 0x8000u) != 0 ? -1.0f : 1.0f;
    const int exponent = (bits >> 10) & 0x1F;
    const int fraction = bits & 0x3FF;
    if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction | 0x400), exponent - 25);
}

namespace {

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

}  // namespace

Result<std::vector<float>> tensor_as_floats(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    HEADLIGHT_TRY(std::vector<float> values, decode(checkpoint, tensor));
    if (!tensor.is_transposed && tensor.num_rotary_heads == 0) return values;
    const auto rows = static_cast<std::size_t>(tensor.shape.front());
    const std::size_t cols = values.size() / std::max<std::size_t>(1, rows);
    if (tensor.is_transposed) values = transposed(values, rows, cols);
    if (tensor.num_rotary_heads > 0) {
        values = rotary_halves(values, rows, cols, static_cast<std::size_t>(tensor.num_rotary_heads));
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
            convert_all<std::uint8_t>(bytes, out, widen);
            break;
        default:
            return wrong_type(checkpoint, tensor, "whole numbers");
    }
    return out;
}

}  // namespace headlight
