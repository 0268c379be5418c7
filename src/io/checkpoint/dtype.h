// Element types of stored tensors, and how types and shapes are named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace headlight {

enum class DType {
    Float32,
    Float16,
    BFloat16,
    Float64,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,
    // Blocks of numbers with common scales, as GGUF files have them.
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ4_NL,
    MXFP4,
    // Eight-bit floats as published models use them, powers of two for block scales, and unsigned whole
    // numbers.
    Float8E4M3,
    Float8E5M2,
    Float8E8M0,
    UInt16,
    UInt32,
    UInt64
};

/// Bytes of one element, or of one block.
std::size_t size_bytes(DType dtype);
/// Elements that size_bytes() covers: 1, or the block's 32 or 256.
std::size_t block_elements(DType dtype);
inline bool is_quantized(DType dtype) {
    return block_elements(dtype) > 1;
}
inline bool is_float8(DType dtype) {
    return dtype == DType::Float8E4M3 || dtype == DType::Float8E5M2 || dtype == DType::Float8E8M0;
}
/// "float32", "bfloat16" ...
const char* to_string(DType dtype);
/// "[768, 2304]"
std::string shape_to_string(std::span<const std::int64_t> shape);

}  // namespace headlight
