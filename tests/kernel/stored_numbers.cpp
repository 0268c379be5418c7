#include "kernel/stored_numbers.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "io/checkpoint/quantized.h"
#include "io/checkpoint/small_floats.h"

namespace headlight::test {
namespace {

/// Where a block keeps its half-precision scales.
std::vector<std::size_t> scale_places(StoredType type) {
    switch (type) {
        case StoredType::Q8_0:
        case StoredType::Q4_0:
        case StoredType::Q5_0:
        case StoredType::IQ4_NL:
            return {0};
        case StoredType::Q4_1:
        case StoredType::Q5_1:
        case StoredType::Q4_K:
        case StoredType::Q5_K:
            return {0, 2};
        case StoredType::Q2_K:
            return {80, 82};
        case StoredType::Q3_K:
            return {108};
        case StoredType::Q6_K:
            return {208};
        default:
            return {};
    }
}

DType block_dtype(StoredType type) {
    switch (type) {
        case StoredType::Q8_0:
            return DType::Q8_0;
        case StoredType::Q4_0:
            return DType::Q4_0;
        case StoredType::Q4_1:
            return DType::Q4_1;
        case StoredType::Q5_0:
            return DType::Q5_0;
        case StoredType::Q5_1:
            return DType::Q5_1;
        case StoredType::IQ4_NL:
            return DType::IQ4_NL;
        case StoredType::MXFP4:
            return DType::MXFP4;
        case StoredType::Q2_K:
            return DType::Q2_K;
        case StoredType::Q3_K:
            return DType::Q3_K;
        case StoredType::Q4_K:
            return DType::Q4_K;
        case StoredType::Q5_K:
            return DType::Q5_K;
        default:
            return DType::Q6_K;
    }
}

template <class Stored>
Stored read_as(const std::byte* from) {
    Stored value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// Number i of `bytes` of a type without blocks.
float plain_number(StoredType type, const std::byte* bytes, std::size_t i) {
    constexpr float kFp4[] = {0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};
    const auto byte = [&](std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); };
    switch (type) {
        case StoredType::F32:
            return read_as<float>(bytes + 4 * i);
        case StoredType::BF16:
            return bfloat16_to_float(read_as<std::uint16_t>(bytes + 2 * i));
        case StoredType::F16:
            return half_to_float(read_as<std::uint16_t>(bytes + 2 * i));
        case StoredType::F8_E4M3:
            return float8_to_float(DType::Float8E4M3, byte(i));
        case StoredType::F8_E5M2:
            return float8_to_float(DType::Float8E5M2, byte(i));
        default: {
            const int bits = byte(i / 2) >> (i % 2 * 4) & 15;
            return bits < 8 ? kFp4[bits] : -kFp4[bits - 8];
        }
    }
}

/// One number between -1 and 1 of a plain type at `to`.
void put_weight(StoredType type, std::byte* to, Random& random) {
    const float value = std::uniform_real_distribution<float>(-1.0f, 1.0f)(random);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(random() % 2 << 15),
               fraction = static_cast<std::uint16_t>(random());
    switch (type) {
        case StoredType::F32:
            std::memcpy(to, &value, sizeof value);
            break;
        case StoredType::BF16: {
            const auto upper = static_cast<std::uint16_t>(bits >> 16);
            std::memcpy(to, &upper, sizeof upper);
            break;
        }
        case StoredType::F16: {
            const auto half =
                static_cast<std::uint16_t>(sign | (8 + random() % 7) << 10 | (fraction & 0x3ff));
            std::memcpy(to, &half, sizeof half);
            break;
        }
        case StoredType::F8_E4M3:
            *to = static_cast<std::byte>(sign >> 8 | random() % 7 << 3 | (fraction & 7));
            break;
        case StoredType::F8_E5M2:
            *to = static_cast<std::byte>(sign >> 8 | (8 + random() % 7) << 2 | (fraction & 3));
            break;
        default:
            *to = static_cast<std::byte>(fraction);
    }
}

}  // namespace

std::vector<StoredType> all_stored_types() {
    std::vector<StoredType> types;
    for (int i = 0; i < kNumStoredTypes; ++i)
        types.push_back(static_cast<StoredType>(i));
    return types;
}

std::size_t stored_bytes(StoredType type, std::int64_t count) {
    const StoredTypeFacts& facts = facts_of(type);
    return static_cast<std::size_t>(count / facts.block * facts.bytes);
}

std::vector<std::byte> any_bytes(StoredType type, std::int64_t count, Random& random) {
    std::vector<std::byte> bytes(stored_bytes(type, count));
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random());
    return bytes;
}

std::vector<std::byte> weight_bytes(StoredType type, std::int64_t count, Random& random) {
    const auto block = static_cast<std::size_t>(facts_of(type).bytes);
    std::vector<std::byte> bytes = any_bytes(type, count, random);
    for (std::size_t at = 0; at < bytes.size(); at += block) {
        if (facts_of(type).block <= 2) {
            put_weight(type, bytes.data() + at, random);
        } else if (type == StoredType::MXFP4) {
            bytes[at] = static_cast<std::byte>(118 + random() % 8);
        } else {
            for (const std::size_t place : scale_places(type)) {
                const auto half = static_cast<std::uint16_t>(random() % 2 << 15 | (6 + random() % 4) << 10 |
                                                             random() % 1024);
                std::memcpy(bytes.data() + at + place, &half, sizeof half);
            }
        }
    }
    return bytes;
}

void set_scales(StoredType type, std::byte* block, std::uint16_t bits) {
    if (type == StoredType::MXFP4) *block = static_cast<std::byte>(bits);
    for (const std::size_t place : scale_places(type))
        std::memcpy(block + place, &bits, sizeof bits);
}

std::vector<float> numbers_of(StoredType type, std::span<const std::byte> bytes) {
    const StoredTypeFacts& facts = facts_of(type);
    const std::size_t count =
        bytes.size() / static_cast<std::size_t>(facts.bytes) * static_cast<std::size_t>(facts.block);
    std::vector<float> numbers(count);
    if (facts.block > 2) {
        dequantize(block_dtype(type), bytes, numbers);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            numbers[i] = plain_number(type, bytes.data(), i);
    }
    return numbers;
}

bool is_same_number(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

}  // namespace headlight::test
