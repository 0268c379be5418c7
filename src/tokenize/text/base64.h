// Base64 (RFC 4648), as tokenizer files carry bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headlight {

/// Bytes of a text; nothing if it holds another character. '=' ends it.
std::optional<std::string> from_base64(std::string_view encoded);

std::string to_base64(std::string_view bytes);

}  // namespace headlight
