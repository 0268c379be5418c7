// JSON of strangers: size and depth are bounded, errors carry file and byte.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headlight {

inline constexpr int kMaxJsonDepth = 64;

/// Parses strict JSON. Errors: Corrupt (syntax, deeper than kMaxJsonDepth, duplicate keys if asked to refuse them).
Result<nlohmann::json> parse_json(std::string_view text, const std::string& file, bool refuse_duplicate_keys = false);

/// Reads and parses a file of at most `max_bytes`.
Result<nlohmann::json> read_json_file(const std::string& path, std::size_t max_bytes = std::size_t{256} << 20);

}  // namespace headlight
