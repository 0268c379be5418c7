// Curves between two columns, column by column.
#include "gfx/line_renderer.h"

#include <algorithm>
#include <cmath>

#include "base/stopwatch.h"

namespace headlight::gfx {
namespace {

constexpr std::size_t kCurvesPerLook = 16;  // at the clock
constexpr float kSteepest = 12;             // beyond that a curve is not drawn thicker any more

/// `ink` over `under` by `cover` of 256.
std::uint8_t mixed(std::uint8_t under, std::uint8_t ink, int cover) {
    return static_cast<std::uint8_t>(under + (((ink - under) * cover + 128) >> 8));
}

}  // namespace

void LineRenderer::start(std::vector<LineCurve> curves, const LinePicture& picture) {
    curves_ = std::move(curves);
    picture_ = picture;
    next_ = 0;
    is_drawing_ = true;
    const auto width = static_cast<std::size_t>(std::max(1, picture.width_px)),
               height = static_cast<std::size_t>(std::max(1, picture.height_px));
    drawn_.width = static_cast<int>(width);
    drawn_.height = static_cast<int>(height);
    drawn_.pixels.assign(width * height, picture.background);
    rise_.resize(width);
    slope_.resize(width);
    for (std::size_t x = 0; x < width; ++x) {
        const float t = (static_cast<float>(x) + 0.5f) / static_cast<float>(width);
        rise_[x] = t * t * (3 - 2 * t);
        slope_[x] = 6 * t * (1 - t) / static_cast<float>(width);
    }
}

// A column of a curve is a stretch of pixels: as thick across the curve as it is said, with soft ends.
void LineRenderer::draw(const LineCurve& curve) {
    const float whole = curve.to - curve.from;
    const float half = std::max(0.5f, curve.width_px / 2);
    // Thinner than a pixel is a pixel that covers less.
    const float opacity = static_cast<float>(curve.color.a) / 255.0f * std::min(1.0f, curve.width_px) * 256;
    const auto last_row = static_cast<float>(drawn_.height);
    for (int x = 0; x < drawn_.width; ++x) {
        const auto at = static_cast<std::size_t>(x);
        if (curve.is_dashed && std::fmod(static_cast<float>(x), 2 * picture_.dash_px) >= picture_.dash_px)
            continue;
        const float y = curve.from + whole * rise_[at], slope = whole * slope_[at];
        const float reach = half * std::min(kSteepest, std::sqrt(1 + slope * slope));
        const float top = std::max(0.0f, y - reach), bottom = std::min(last_row, y + reach);
        if (top >= bottom) continue;
        const int first = static_cast<int>(top),
                  end = std::min(drawn_.height, static_cast<int>(std::ceil(bottom)));
        Rgba* pixel = drawn_.pixels.data() +
                      static_cast<std::size_t>(first) * static_cast<std::size_t>(drawn_.width) + at;
        for (int row = first; row < end; ++row, pixel += drawn_.width) {
            const auto edge = static_cast<float>(row);
            const float share = std::min(bottom, edge + 1) - std::max(top, edge);
            const int cover = static_cast<int>(share * opacity + 0.5f);
            pixel->r = mixed(pixel->r, curve.color.r, cover);
            pixel->g = mixed(pixel->g, curve.color.g, cover);
            pixel->b = mixed(pixel->b, curve.color.b, cover);
        }
    }
}

Result<bool> LineRenderer::advance(double budget_ms) {
    if (!is_drawing_) return true;
    const Stopwatch stopwatch;
    bool has_drawn = false;
    while (next_ < curves_.size()) {
        if (has_drawn && stopwatch.milliseconds() > budget_ms) return false;
        const std::size_t end = std::min(curves_.size(), next_ + kCurvesPerLook);
        for (; next_ < end; ++next_)
            draw(curves_[next_]);
        has_drawn = true;
    }
    // The upload takes as long as some hundred curves: another frame's matter where this one is used up.
    if (has_drawn && stopwatch.milliseconds() > budget_ms / 2) return false;
    is_drawing_ = false;
    curves_.clear();
    HEADLIGHT_CHECK(upload());
    return true;
}

Status LineRenderer::upload() {
    const GlStateGuard guard;
    if (texture_.width() == drawn_.width && texture_.height() == drawn_.height) {
        texture_.update(0, 0, drawn_.width, drawn_.height, drawn_.pixels.data());
    } else {
        HEADLIGHT_TRY(texture_, Texture::make(TexelFormat::RGBA8, drawn_.width, drawn_.height,
                                              drawn_.pixels.data(), TextureFilter::Linear));
    }
    std::swap(drawn_, shown_);
    return {};
}

}  // namespace headlight::gfx
