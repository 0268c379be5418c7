#include "gfx/text_shaper.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/result.h"
#include "base/utf8.h"
#include "gfx/pango_layout.h"

namespace headlight::gfx {
namespace {

// Inter first, as in the interface; then families with many scripts; fontconfig adds whatever else there is.
// The emoji font is left to it: named here, it would draw plain digits too.
constexpr const char* kFamilies = "Inter, Noto Sans, DejaVu Sans, WenQuanYi Micro Hei";
constexpr std::size_t kMaxLineBytes = 4096;  // longer lines are cut: no label shows more
constexpr int kMaxBitmapSide = 8192;
constexpr PangoGlyph kInvalidInput = 0xFFFFFFFFu;

// Valid UTF-8 on one line.
std::string one_line(std::string_view text) {
    std::string line = utf8::replace_invalid(text.substr(0, kMaxLineBytes));
    for (char& c : line) {
        if (c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f' || c == '\0') c = ' ';
    }
    return line;
}

// Byte offsets of characters that no font could draw.
std::vector<std::size_t> missing_characters(PangoLayout* layout) {
    std::vector<std::size_t> bytes;
    if (pango_layout_get_unknown_glyphs_count(layout) == 0) return bytes;
    const IterPtr iter(pango_layout_get_iter(layout));
    do {
        const PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter.get());
        if (run == nullptr) continue;
        for (int i = 0; i < run->glyphs->num_glyphs; ++i) {
            const PangoGlyph glyph = run->glyphs->glyphs[i].glyph;
            if ((glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0 || glyph == kInvalidInput) continue;
            bytes.push_back(static_cast<std::size_t>(run->item->offset + run->glyphs->log_clusters[i]));
        }
    } while (pango_layout_iter_next_run(iter.get()));
    std::sort(bytes.begin(), bytes.end());
    bytes.erase(std::unique(bytes.begin(), bytes.end()), bytes.end());
    return bytes;
}

LayoutPtr line_layout(TextShaper::Impl& impl, std::string_view text, const TextStyle& style,
                      std::string& shown) {
    shown = one_line(text);
    LayoutPtr layout = impl.layout(shown, style);
    const auto missing = missing_characters(layout.get());
    if (missing.empty()) return layout;
    std::string replaced;
    std::size_t next = 0;
    for (std::size_t byte = 0; byte < shown.size();) {
        const auto decoded = utf8::decode(shown, byte);
        if (next < missing.size() && missing[next] == byte) {
            replaced += fmt::format("\xE2\x9F\xA8U+{:04X}\xE2\x9F\xA9",
                                    static_cast<std::uint32_t>(decoded.code_point));
            ++next;
        } else {
            replaced.append(shown, byte, decoded.size_bytes);
        }
        byte += decoded.size_bytes;
        while (next < missing.size() && missing[next] < byte)
            ++next;
    }
    shown = replaced;
    return impl.layout(shown, style);
}

}  // namespace

FontDescriptionPtr TextShaper::Impl::font(const TextStyle& style) const {
    FontDescriptionPtr description(pango_font_description_new());
    pango_font_description_set_family_static(description.get(), kFamilies);
    pango_font_description_set_weight(description.get(), static_cast<PangoWeight>(style.weight));
    pango_font_description_set_absolute_size(description.get(),
                                             static_cast<double>(style.size_px) * PANGO_SCALE);
    return description;
}

LayoutPtr TextShaper::Impl::layout(const std::string& text, const TextStyle& style) const {
    LayoutPtr layout(pango_layout_new(context.get()));
    pango_layout_set_font_description(layout.get(), font(style).get());
    pango_layout_set_auto_dir(layout.get(), TRUE);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
}

TextExtents TextShaper::Impl::line_extents(const TextStyle& style) const {
    PangoFontMetrics* metrics = pango_context_get_metrics(context.get(), font(style).get(), nullptr);
    TextExtents extents;
    extents.ascent = static_cast<float>(pango_font_metrics_get_ascent(metrics)) / PANGO_SCALE;
    extents.descent = static_cast<float>(pango_font_metrics_get_descent(metrics)) / PANGO_SCALE;
    pango_font_metrics_unref(metrics);
    return extents;
}

void draw_layout(PangoLayout* layout, Rgba color, int width, int height, float origin_x, float origin_y,
                 TextBitmap& out) {
    out.width = std::clamp(width, 1, kMaxBitmapSide);
    out.height = std::clamp(height, 1, kMaxBitmapSide);
    out.has_color = false;
    const SurfacePtr surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, out.width, out.height));
    const CairoPtr cairo(cairo_create(surface.get()));
    cairo_set_source_rgb(cairo.get(), color.r / 255.0, color.g / 255.0, color.b / 255.0);
    cairo_move_to(cairo.get(), static_cast<double>(origin_x), static_cast<double>(origin_y));
    pango_cairo_show_layout(cairo.get(), layout);
    cairo_surface_flush(surface.get());

    out.pixels.assign(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), Rgba{});
    const unsigned char* bytes = cairo_image_surface_get_data(surface.get());
    if (bytes == nullptr) return;
    const int stride = cairo_image_surface_get_stride(surface.get());
    for (int y = 0; y < out.height; ++y) {
        const auto* row =
            reinterpret_cast<const std::uint32_t*>(bytes + static_cast<std::ptrdiff_t>(y) * stride);
        for (int x = 0; x < out.width; ++x) {
            const std::uint32_t pixel = row[x];  // premultiplied
            const std::uint32_t alpha = pixel >> 24;
            if (alpha == 0) continue;
            const auto straight = [&](int shift) {
                return static_cast<std::uint8_t>(
                    std::min(255u, ((pixel >> shift & 255u) * 255u + alpha / 2) / alpha));
            };
            const Rgba shown{straight(16), straight(8), straight(0), static_cast<std::uint8_t>(alpha)};
            const auto differs = [](int a, int b) { return std::abs(a - b) > 24; };
            if (alpha > 96 &&
                (differs(shown.r, color.r) || differs(shown.g, color.g) || differs(shown.b, color.b))) {
                out.has_color = true;
            }
            out.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) +
                       static_cast<std::size_t>(x)] = shown;
        }
    }
}

TextShaper::TextShaper() : impl_(std::make_unique<Impl>()) {
    impl_->font_map.reset(pango_cairo_font_map_new());
    impl_->context.reset(pango_font_map_create_context(impl_->font_map.get()));
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(impl_->context.get(), options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(impl_->context.get(), 96);
    pango_context_set_round_glyph_positions(impl_->context.get(), FALSE);
    pango_context_set_language(impl_->context.get(), pango_language_from_string("en"));
}

TextShaper::~TextShaper() = default;

TextExtents TextShaper::measure(std::string_view text, const TextStyle& style) {
    std::string shown;
    const LayoutPtr layout = line_layout(*impl_, text, style, shown);
    PangoRectangle logical;
    pango_layout_get_extents(layout.get(), nullptr, &logical);
    TextExtents extents = impl_->line_extents(style);
    extents.advance = static_cast<float>(logical.width) / PANGO_SCALE;
    return extents;
}

std::string TextShaper::drawable(std::string_view text, const TextStyle& style) {
    std::string shown;
    line_layout(*impl_, text, style, shown);
    return shown;
}

TextBitmap TextShaper::draw(std::string_view text, const TextStyle& style, Rgba color) {
    std::string shown;
    const LayoutPtr layout = line_layout(*impl_, text, style, shown);
    PangoRectangle ink, logical;
    pango_layout_get_pixel_extents(layout.get(), &ink, nullptr);
    pango_layout_get_extents(layout.get(), nullptr, &logical);
    TextBitmap bitmap;
    bitmap.extents = impl_->line_extents(style);
    bitmap.extents.advance = static_cast<float>(logical.width) / PANGO_SCALE;
    if (ink.width <= 0 || ink.height <= 0) return bitmap;  // only spaces
    constexpr int kMargin = 1;
    const auto x = static_cast<float>(kMargin - ink.x), y = static_cast<float>(kMargin - ink.y);
    draw_layout(layout.get(), color, ink.width + 2 * kMargin, ink.height + 2 * kMargin, x, y, bitmap);
    bitmap.origin_x = x;
    bitmap.origin_y = y + static_cast<float>(pango_layout_get_baseline(layout.get())) / PANGO_SCALE;
    return bitmap;
}

}  // namespace headlight::gfx
