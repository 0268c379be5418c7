// Units and how many digits they get.
#include "base/quantities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headlight {

std::string duration_text(double seconds) {
    const auto total = static_cast<long long>(std::lround(std::max(0.0, seconds)));
    if (total >= 3600) return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
    if (total >= 60) return fmt::format("{} min {:02} s", total / 60, total % 60);
    return fmt::format("{} s", total);
}

std::string size_text(double bytes) {
    if (bytes >= 1e9) return fmt::format("{:.2f} GB", bytes / 1e9);
    if (bytes >= 1e6) return fmt::format("{:.1f} MB", bytes / 1e6);
    if (bytes >= 1e3) return fmt::format("{:.1f} kB", bytes / 1e3);
    return fmt::format("{:.0f} bytes", bytes);
}

}  // namespace headlight
