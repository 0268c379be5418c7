// Base64 (RFC 4648): bytes as text in tokenizer files, pages and figures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headlight {

/// Bytes of a text; nothing if it holds another character. '=' ends it.
std::optional<std::string> from_base64(std::string_view encoded);

/// With padding: the length is a multiple of 4.
std::string to_base64(std::string_view bytes);

}  // namespace headlight
