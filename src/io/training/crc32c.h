// CRC-32C (Castagnoli), the checksum of TFRecord files.
#pragma once

#include <cstdint>
#include <string_view>

namespace headlight {

/// Checksum of the bytes; of "123456789" it is 0xE3069283 (RFC 3720, appendix B.4).
std::uint32_t crc32c(std::string_view bytes);

/// The form that TFRecord stores: rotated and shifted, so that a checksum over data that holds checksums
/// stays good.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace headlight
