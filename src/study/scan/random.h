// Seeded hashes and draws that are the same on every machine and do not depend on the order of calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headlight {

/// Mixes 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
inline std::uint64_t mix_bits(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15ull;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
}

/// One number from a seed and up to three others.
inline std::uint64_t scan_hash(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0,
                               std::uint64_t c = 0) {
    return mix_bits(mix_bits(mix_bits(mix_bits(seed) ^ a) ^ b) ^ c);
}

/// FNV-1a over bytes, going on from `state`.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t state = 0xCBF29CE484222325ull) {
    for (const char byte : bytes)
        state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001B3ull;
    return state;
}

/// A stream of draws.
class ScanRandom {
  public:
    explicit ScanRandom(std::uint64_t seed) : state_(mix_bits(seed)) {}
    std::uint64_t next() { return mix_bits(state_ += 0xD1B54A32D192ED03ull); }
    /// Uniform in [0, bound), bound > 0.
    std::size_t below(std::size_t bound) {
        const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
        std::uint64_t value = next();
        while (value >= limit)
            value = next();
        return static_cast<std::size_t>(value % bound);
    }

  private:
    std::uint64_t state_;
};

}  // namespace headlight
