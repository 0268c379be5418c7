// Colours as four 8-bit channels, straight (not premultiplied) alpha. gfx and ui share this one type.
#pragma once

#include <cstdint>

namespace headlight::gfx {

struct Rgba {
    std::uint8_t r = 0, g = 0, b = 0, a = 0;
    bool operator==(const Rgba&) const = default;
};

/// Rgba from 0xRRGGBB and an alpha.
constexpr Rgba rgb(std::uint32_t hex, std::uint8_t alpha = 255) {
    return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8),
            static_cast<std::uint8_t>(hex), alpha};
}

/// The colour with its alpha multiplied by `factor` in [0, 1].
constexpr Rgba faded(Rgba color, float factor) {
    color.a = static_cast<std::uint8_t>(static_cast<float>(color.a) * factor + 0.5f);
    return color;
}

/// Channel-wise a + t (b - a), t in [0, 1].
constexpr Rgba mix(Rgba a, Rgba b, float t) {
    const auto channel = [t](std::uint8_t x, std::uint8_t y) {
        return static_cast<std::uint8_t>(static_cast<float>(x) +
                                         t * (static_cast<float>(y) - static_cast<float>(x)) + 0.5f);
    };
    return {channel(a.r, b.r), channel(a.g, b.g), channel(a.b, b.b), channel(a.a, b.a)};
}

}  // namespace headlight::gfx
