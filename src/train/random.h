// The trainer's own random numbers: the same on every machine, and the whole state fits in four words, so
// that a resumed run draws what an uninterrupted one would have drawn.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace headlight {

/// xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64.
class Random {
  public:
    using State = std::array<std::uint64_t, 4>;

    explicit Random(std::uint64_t seed);
    explicit Random(const State& state) : state_(state) {}
    const State& state() const { return state_; }

    std::uint64_t next();
    /// Uniform in [0, 1), 53 bits.
    double uniform();
    /// Uniform integer in [0, bound), without bias; bound > 0.
    std::size_t below(std::size_t bound);
    /// Standard normal (Box-Muller, one value a call so that no half-used pair belongs to the state).
    double normal();
    /// `count` different entries of `pool` in random order; count <= pool.size().
    std::vector<std::int32_t> draw_distinct(std::span<const std::int32_t> pool, std::size_t count);

  private:
    State state_;
};

}  // namespace headlight
