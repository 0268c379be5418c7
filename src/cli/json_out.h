// JSON that commands write: to a file in one step, or to stdout for "-".
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"

namespace headlight {

using Json = nlohmann::ordered_json;

/// `indent` < 0: one line. Text that is not UTF-8 is written with U+FFFD; NaN and infinity become null.
Status write_json(const std::string& path, const Json& json, int indent = 1);

inline Json json_number(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace headlight
