// JSON of strangers: size and depth are bounded, errors carry file and byte.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headlight {

inline constexpr int kMaxJsonDepth = 64;

/// Parses JSON as Python's json module reads it: NaN, Infinity and -Infinity are numbers, one beyond a
/// double's range is infinite, of two equal keys the last counts, and a mark of UTF-8 in front is skipped.
/// Errors: Corrupt (syntax, deeper than kMaxJsonDepth, duplicate keys if asked to refuse them).
Result<nlohmann::json> parse_json(std::string_view text, const std::string& file,
                                  bool refuse_duplicate_keys = false);

/// The same with the keys of objects in the order of the text.
Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text, const std::string& file);

/// Reads and parses a file of at most `max_bytes`.
Result<nlohmann::json> read_json_file(const std::string& path,
                                      std::size_t max_bytes = std::size_t{256} << 20);

/// The same with the keys of objects in the order of the file.
Result<nlohmann::ordered_json> read_ordered_json_file(const std::string& path,
                                                      std::size_t max_bytes = std::size_t{256} << 20);

}  // namespace headlight
