#include "io/tensor_values.h"

#include <bit>
#include <cmath>
#include <cstring>

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

Result<std::vector<float>> tensor_as_floats(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    const auto bytes = checkpoint.bytes(tensor);
    std::vector<float> out;
    switch (tensor.dtype) {
        case DType::Float32:
            convert_all<float>(bytes, out, [](float v) { return v; });
            break;
        case DType::Float64:
            convert_all<double>(bytes, out, [](double v) { return static_cast<float>(v); });
            break;
        case DType::Float16:
            convert_all<std::uint16_t>(bytes, out, half_to_float);
            break;
        case DType::BFloat16:
            convert_all<std::uint16_t>(bytes, out, bfloat16_to_float);
            break;
        default:
            return wrong_type(checkpoint, tensor, "floating-point values");
    }
    return out;
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
