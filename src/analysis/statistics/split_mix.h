// A small random generator whose numbers are the same on every machine and library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace headlight {

/// SplitMix64 (Steele, Lea and Flood 2014).
class SplitMix {
  public:
    explicit SplitMix(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    /// Even over 0 .. bound - 1 (bound > 0): the numbers above the last whole multiple are drawn again.
    std::size_t below(std::size_t bound) {
        const std::uint64_t count = bound;
        std::uint64_t value = next();
        // Only the last `count` numbers can lie above that multiple: the division is for them alone.
        while (value > UINT64_MAX - count && value >= UINT64_MAX - UINT64_MAX % count)
            value = next();
        return static_cast<std::size_t>(value % count);
    }

    /// Every order equally likely (Fisher and Yates).
    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[below(i)]);
    }

  private:
    std::uint64_t state_;
};

}  // namespace headlight
