#include "io/checkpoint/quantized.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "io/checkpoint/small_floats.h"

namespace headlight {
namespace {

using Bytes = const std::uint8_t*;

float half_at(Bytes bytes) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes, sizeof bits);
    return half_to_float(bits);
}

int low(std::uint8_t byte) {
    return byte & 0x0F;
}
int high(std::uint8_t byte) {
    return byte >> 4;
}
int bit(Bytes bits, int index) {
    return bits[index / 8] >> (index % 8) & 1;
}

// Blocks of 32. The first 16 numbers are the low halves of the bytes, the last 16 the high ones.

void q4_0(Bytes block, float* out) {  // scale, 16 bytes
    const float scale = half_at(block);
    for (int i = 0; i < 16; ++i) {
        out[i] = static_cast<float>(low(block[2 + i]) - 8) * scale;
        out[i + 16] = static_cast<float>(high(block[2 + i]) - 8) * scale;
    }
}

void q4_1(Bytes block, float* out) {  // scale, least, 16 bytes
    const float scale = half_at(block), least = half_at(block + 2);
    for (int i = 0; i < 16; ++i) {
        out[i] = static_cast<float>(low(block[4 + i])) * scale + least;
        out[i + 16] = static_cast<float>(high(block[4 + i])) * scale + least;
    }
}

void q5_0(Bytes block, float* out) {  // scale, 32 fifth bits, 16 bytes
    const float scale = half_at(block);
    for (int i = 0; i < 16; ++i) {
        out[i] = static_cast<float>((low(block[6 + i]) | bit(block + 2, i) << 4) - 16) * scale;
        out[i + 16] = static_cast<float>((high(block[6 + i]) | bit(block + 2, i + 16) << 4) - 16) * scale;
    }
}

void q5_1(Bytes block, float* out) {  // scale, least, 32 fifth bits, 16 bytes
    const float scale = half_at(block), least = half_at(block + 2);
    for (int i = 0; i < 16; ++i) {
        out[i] = static_cast<float>(low(block[8 + i]) | bit(block + 4, i) << 4) * scale + least;
        out[i + 16] = static_cast<float>(high(block[8 + i]) | bit(block + 4, i + 16) << 4) * scale + least;
    }
}

void q8_0(Bytes block, float* out) {  // scale, 32 signed bytes
    const float scale = half_at(block);
    for (int i = 0; i < 32; ++i)
        out[i] = static_cast<float>(static_cast<std::int8_t>(block[2 + i])) * scale;
}

void iq4_nl(Bytes block, float* out) {  // scale, 16 bytes of indices into a fixed table
    static constexpr std::array<int, 16> kValues = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                    1,    13,   25,  38,  53,  69,  89,  113};
    const float scale = half_at(block);
    for (int i = 0; i < 16; ++i) {
        out[i] = scale * static_cast<float>(kValues[static_cast<std::size_t>(low(block[2 + i]))]);
        out[i + 16] = scale * static_cast<float>(kValues[static_cast<std::size_t>(high(block[2 + i]))]);
    }
}

void mxfp4(Bytes block, float* out) {  // power of two, 16 bytes of e2m1
    static constexpr std::array<int, 16> kTwice = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    const float half_scale = std::ldexp(1.0f, block[0] - 128);
    for (int i = 0; i < 16; ++i) {
        out[i] = half_scale * static_cast<float>(kTwice[static_cast<std::size_t>(low(block[1 + i]))]);
        out[i + 16] = half_scale * static_cast<float>(kTwice[static_cast<std::size_t>(high(block[1 + i]))]);
    }
}

// Blocks of 256: sixteen groups of 16 or eight of 32, each with a small scale of its own under a common one.

void q2_k(Bytes block,
          float* out) {  // 16 scales (4 bits scale, 4 bits offset), 64 bytes, scale, offset scale
    const Bytes scales = block, values = block + 16;
    const float scale = half_at(block + 80), offset = half_at(block + 82);
    for (int i = 0; i < 256; ++i) {
        const int group = i / 16, byte = i / 128 * 32 + i % 32, shift = i % 128 / 32 * 2;
        const float step = scale * static_cast<float>(low(scales[group]));
        const float least = offset * static_cast<float>(high(scales[group]));
        out[i] = step * static_cast<float>(values[byte] >> shift & 3) - least;
    }
}

/// Six-bit scale `group` of 16: four bits in the first eight bytes, two in the last four.
int q3_scale(Bytes scales, int group) {
    const int nibble = group < 8 ? low(scales[group]) : high(scales[group - 8]);
    const int top = scales[8 + group % 4] >> (group / 4 * 2) & 3;
    return (nibble | top << 4) - 32;
}

void q3_k(Bytes block, float* out) {  // 256 third bits (absent = -4), 64 bytes, 12 bytes of scales, scale
    const Bytes mask = block, values = block + 32, scales = block + 96;
    const float scale = half_at(block + 108);
    for (int i = 0; i < 256; ++i) {
        const int byte = i / 128 * 32 + i % 32, shift = i % 128 / 32 * 2;
        const int has_bit = mask[i % 32] >> (i / 32) & 1;
        const float step = scale * static_cast<float>(q3_scale(scales, i / 16));
        out[i] = step * static_cast<float>((values[byte] >> shift & 3) - (has_bit != 0 ? 0 : 4));
    }
}

/// Six-bit scale and offset of group 0..7 out of 12 bytes.
void scale_and_offset(Bytes packed, int group, int& scale, int& offset) {
    if (group < 4) {
        scale = packed[group] & 63;
        offset = packed[group + 4] & 63;
    } else {
        scale = low(packed[group + 4]) | packed[group - 4] >> 6 << 4;
        offset = high(packed[group + 4]) | packed[group] >> 6 << 4;
    }
}

/// Q4_K and Q5_K: groups of 32; a pair of groups shares 32 bytes, low and high halves. `fifth`: null without
/// fifth bits.
void q45_k(Bytes block, Bytes fifth, Bytes values, float* out) {
    const float scale = half_at(block), offset = half_at(block + 2);
    for (int group = 0; group < 8; ++group) {
        int group_scale = 0, group_offset = 0;
        scale_and_offset(block + 4, group, group_scale, group_offset);
        const float step = scale * static_cast<float>(group_scale),
                    least = offset * static_cast<float>(group_offset);
        const Bytes pair = values + group / 2 * 32;
        for (int i = 0; i < 32; ++i) {
            int value = group % 2 == 0 ? low(pair[i]) : high(pair[i]);
            if (fifth != nullptr) value |= (fifth[i] >> group & 1) << 4;
            out[group * 32 + i] = step * static_cast<float>(value) - least;
        }
    }
}

void q4_k(Bytes block, float* out) {  // scale, offset scale, 12 bytes of scales, 128 bytes
    q45_k(block, nullptr, block + 16, out);
}

void q5_k(Bytes block,
          float* out) {  // scale, offset scale, 12 bytes of scales, 32 bytes of fifth bits, 128 bytes
    q45_k(block, block + 16, block + 48, out);
}

void q6_k(Bytes block, float* out) {  // 128 bytes of low halves, 64 of top bits, 16 signed scales, scale
    const float scale = half_at(block + 208);
    for (int i = 0; i < 256; ++i) {
        const int half = i / 128, at = i % 128, quarter = at / 32, lane = at % 32;
        const std::uint8_t byte = block[half * 64 + quarter % 2 * 32 + lane];
        const int lower = quarter < 2 ? low(byte) : high(byte);
        const int upper = block[128 + half * 32 + lane] >> (quarter * 2) & 3;
        const auto group = static_cast<std::int8_t>(block[192 + i / 16]);
        out[i] = scale * static_cast<float>(group) * static_cast<float>((lower | upper << 4) - 32);
    }
}

using Decode = void (*)(Bytes block, float* out);

Decode decoder_of(DType dtype) {
    switch (dtype) {
        case DType::Q4_0:
            return q4_0;
        case DType::Q4_1:
            return q4_1;
        case DType::Q5_0:
            return q5_0;
        case DType::Q5_1:
            return q5_1;
        case DType::Q8_0:
            return q8_0;
        case DType::Q2_K:
            return q2_k;
        case DType::Q3_K:
            return q3_k;
        case DType::Q4_K:
            return q4_k;
        case DType::Q5_K:
            return q5_k;
        case DType::Q6_K:
            return q6_k;
        case DType::IQ4_NL:
            return iq4_nl;
        case DType::MXFP4:
            return mxfp4;
        default:
            return nullptr;
    }
}

}  // namespace

void dequantize(DType dtype, std::span<const std::byte> bytes, std::span<float> out) {
    const Decode decode = decoder_of(dtype);
    const std::size_t elements = block_elements(dtype), stride = size_bytes(dtype);
    const auto* block = reinterpret_cast<Bytes>(bytes.data());
    for (std::size_t i = 0; (i + 1) * elements <= out.size() && (i + 1) * stride <= bytes.size(); ++i)
        decode(block + i * stride, out.data() + i * elements);
}

}  // namespace headlight
