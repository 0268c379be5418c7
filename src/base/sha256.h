// SHA-256 (FIPS 180-4): names what a file held, so that two can be told apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace headlight {

class Sha256 {
  public:
    void add(std::span<const std::byte> bytes);
    void add(std::string_view bytes) { add(std::as_bytes(std::span(bytes.data(), bytes.size()))); }
    /// Of everything added, as 64 lower-case hexadecimal digits. Call once, last.
    std::string finish();

  private:
    void add_block(const std::byte* block);
    std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> rest_{};
    std::size_t num_rest_ = 0;
    std::uint64_t num_bytes_ = 0;
};

std::string sha256(std::string_view bytes);

}  // namespace headlight
