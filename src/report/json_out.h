// JSON of results: to a file in one step, or to standard output for "-".
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"

namespace headlight {

using Json = nlohmann::ordered_json;

/// Text that is not UTF-8 is written with U+FFFD; NaN and infinity become null.
Status write_json(const std::string& path, const Json& json);

/// The same on one line, with its line feed.
std::string json_line(const Json& json);

inline Json json_number(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace headlight
