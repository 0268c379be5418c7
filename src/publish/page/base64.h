// Bytes as text, RFC 4648.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace headlight {

/// With padding: the length is a multiple of 4.
std::string base64_text(std::span<const std::uint8_t> bytes);

}  // namespace headlight
