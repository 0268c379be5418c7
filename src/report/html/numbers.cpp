// How many digits a number gets, and what stands for none.
#include "report/html/numbers.h"

#include <fmt/format.h>

#include <cmath>

namespace headlight {

std::string decimal_text(const std::optional<double>& value, int digits) {
    if (!value || !std::isfinite(*value)) return "–";
    // A zero that only rounding made negative would read like a finding.
    const std::string text = fmt::format("{:.{}f}", *value, digits);
    return text.find_first_not_of("-0.") == std::string::npos && text[0] == '-' ? text.substr(1) : text;
}

std::string probability_text(const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) return "–";
    return *value >= 0.001 || *value == 0 ? fmt::format("{:.3f}", *value) : fmt::format("{:.0e}", *value);
}

}  // namespace headlight
