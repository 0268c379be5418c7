#include "io/checkpoint/dtype.h"

#include <iterator>

namespace headlight {

namespace {

struct DTypeFacts {
    DType dtype;
    const char* name;
    std::size_t elements, bytes;  // of a block
};

constexpr DTypeFacts kFacts[] = {
    {DType::Float32, "float32", 1, 4},
    {DType::Float16, "float16", 1, 2},
    {DType::BFloat16, "bfloat16", 1, 2},
    {DType::Float64, "float64", 1, 8},
    {DType::Int64, "int64", 1, 8},
    {DType::Int32, "int32", 1, 4},
    {DType::Int16, "int16", 1, 2},
    {DType::Int8, "int8", 1, 1},
    {DType::UInt8, "uint8", 1, 1},
    {DType::Bool, "bool", 1, 1},
    {DType::Q4_0, "Q4_0", 32, 18},
    {DType::Q4_1, "Q4_1", 32, 20},
    {DType::Q5_0, "Q5_0", 32, 22},
    {DType::Q5_1, "Q5_1", 32, 24},
    {DType::Q8_0, "Q8_0", 32, 34},
    {DType::Q2_K, "Q2_K", 256, 84},
    {DType::Q3_K, "Q3_K", 256, 110},
    {DType::Q4_K, "Q4_K", 256, 144},
    {DType::Q5_K, "Q5_K", 256, 176},
    {DType::Q6_K, "Q6_K", 256, 210},
    {DType::IQ4_NL, "IQ4_NL", 32, 18},
    {DType::MXFP4, "MXFP4", 32, 17},
    {DType::Float8E4M3, "float8_e4m3fn", 1, 1},
    {DType::Float8E5M2, "float8_e5m2", 1, 1},
    {DType::Float8E8M0, "float8_e8m0", 1, 1},
    {DType::UInt16, "uint16", 1, 2},
    {DType::UInt32, "uint32", 1, 4},
    {DType::UInt64, "uint64", 1, 8},
};

constexpr const DTypeFacts& facts_of(DType dtype) {
    return kFacts[static_cast<std::size_t>(dtype)];
}

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(kFacts); ++i) {
        if (static_cast<std::size_t>(kFacts[i].dtype) != i) return false;
    }
    return true;
}
static_assert(is_in_order());

}  // namespace

std::size_t size_bytes(DType dtype) {
    return facts_of(dtype).bytes;
}

std::size_t block_elements(DType dtype) {
    return facts_of(dtype).elements;
}

const char* to_string(DType dtype) {
    return facts_of(dtype).name;
}

std::string shape_to_string(std::span<const std::int64_t> shape) {
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        out += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return out + "]";
}

}  // namespace headlight
