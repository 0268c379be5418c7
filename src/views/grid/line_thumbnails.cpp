// Thumbnails as lines.
#include "views/grid/line_thumbnails.h"

#include <algorithm>
#include <cmath>

#include "analysis/lines/covering_lines.h"

namespace headlight {
namespace {

/// A curve from row to row, in pixels of the thumbnail.
void add_thumbnail_curve(double from, double to, float value, Thumbnail& out) {
    double last = from;
    for (int x = 0; x < out.cols; ++x) {
        const double t = (x + 0.5) / out.cols, y = from + (to - from) * t * t * (3 - 2 * t);
        const auto [low, high] = std::minmax(last, y);
        const int begin = std::clamp(static_cast<int>(low), 0, out.rows - 1),
                  end = std::clamp(static_cast<int>(high), 0, out.rows - 1);
        for (int row = begin; row <= end; ++row) {
            float& slot = out.values[static_cast<std::size_t>(row * out.cols + x)];
            if (std::abs(value) > std::abs(slot)) slot = value;
        }
        last = y;
    }
}

}  // namespace

Thumbnail line_thumbnail(const Thumbnail& picture, double share, bool skips_first) {
    Thumbnail out{kLineThumbnailSize, kLineThumbnailSize, {}, {}};
    out.values.assign(static_cast<std::size_t>(out.rows) * static_cast<std::size_t>(out.cols), 0.0f);
    const auto cols = static_cast<std::size_t>(picture.cols);
    std::vector<float> row(cols);
    float largest = 0;
    for (const float value : picture.values)
        if (std::abs(value) > largest) largest = std::abs(value);  // false for NaN
    for (int query = 0; query < picture.rows; ++query) {
        const auto first = picture.values.begin() + static_cast<std::ptrdiff_t>(query) * picture.cols;
        std::transform(first, first + picture.cols, row.begin(),
                       [](float value) { return std::isfinite(value) ? value : 0.0f; });
        if (skips_first && !row.empty()) row[0] = 0;
        for (const std::int32_t key : covering_keys(row, share)) {
            const float value = row[static_cast<std::size_t>(key)];
            add_thumbnail_curve((query + 0.5) * out.rows / picture.rows,
                                (key + 0.5) * out.rows / picture.cols,
                                largest > 0 ? value * std::abs(value) / largest : 0, out);
        }
    }
    return out;
}

}  // namespace headlight
