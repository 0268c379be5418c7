// Numbers as pages show them.
#pragma once

#include <optional>
#include <string>

namespace headlight {

/// "0.123", "–" for nothing.
std::string decimal_text(const std::optional<double>& value, int digits = 3);
/// p- and q-values: "0.012", "3e-05", "–".
std::string probability_text(const std::optional<double>& value);

}  // namespace headlight
